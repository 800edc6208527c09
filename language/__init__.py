"""Words for people: notes, errors, translations, dates and numbers in Thai and English.

The lowest floor of the house. Everything that is said to a person starts as an English sentence
(the gettext message id) with named fields, and is turned into the reader's language here.
"""

from language.catalogue import (
    LANGUAGES,
    available_languages,
    data_language,
    environment_language,
    language_name,
    translate,
)
from language.formats import (
    buddhist_year,
    concentration,
    date_range,
    day,
    moment,
    number,
    pollutant_name,
    probability_class,
    probability_words,
    span,
    unit,
    with_range,
)
from language.notes import N_, Note, UserError, note

__all__ = [
    "LANGUAGES",
    "N_",
    "Note",
    "UserError",
    "available_languages",
    "buddhist_year",
    "concentration",
    "data_language",
    "date_range",
    "day",
    "environment_language",
    "language_name",
    "moment",
    "note",
    "number",
    "pollutant_name",
    "probability_class",
    "probability_words",
    "span",
    "translate",
    "unit",
    "with_range",
]
