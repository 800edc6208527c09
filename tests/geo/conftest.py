"""Fixtures of the geo tests: a lake of its own for each test, a PostgreSQL server and S3 storage on this machine."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, settings

from geo.lake import Lake

# A busy machine is no mistake of the code.
settings.register_profile("calm", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("calm")


@pytest.fixture
def lake(tmp_path: Path) -> Iterator[Lake]:
    """Return an empty lake in a temporary folder."""
    with Lake.open(tmp_path / "lake" / "catalog.sqlite") as opened:
        yield opened


def _binary(name: str) -> str | None:
    versions = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda p: p.parts[-3])
    return str(versions[-1]) if versions else shutil.which(name)


def _as_user() -> list[str]:
    """PostgreSQL refuses to run as root: another user starts it then."""
    if os.geteuid() != 0:
        return []
    user = (
        "postgres" if subprocess.run(["id", "postgres"], capture_output=True, check=False).returncode == 0 else "nobody"
    )
    return ["runuser", "-u", user, "--"]


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """Start a PostgreSQL server in a temporary folder and return its connection string."""
    initdb, pg_ctl = _binary("initdb"), _binary("pg_ctl")
    if initdb is None or pg_ctl is None:
        reason = "PostgreSQL (initdb, pg_ctl) is not installed; Debian: apt-get install postgresql"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    who = _as_user()
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    if who:
        shutil.chown(folder, who[2])
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    data = folder / "data"
    calm = {"check": True, "capture_output": True, "cwd": "/"}
    subprocess.run([*who, initdb, "-D", str(data), "-U", "lake", "-A", "trust", "-E", "UTF8", "--no-locale"], **calm)  # type: ignore[call-overload]
    options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off"
    subprocess.run(
        [*who, pg_ctl, "-D", str(data), "-w", "-l", str(folder / "log"), "-o", options, "start"], check=True, cwd="/",
        stdout=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        yield f"postgres:host=127.0.0.1 port={port} user=lake dbname=postgres"
    finally:
        subprocess.run(
            [*who, pg_ctl, "-D", str(data), "-m", "immediate", "stop"], check=False, capture_output=True, cwd="/"
        )
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def catalog(postgres: str) -> str:
    """Return the connection string of a new database."""
    name = f"lake{os.urandom(4).hex()}"
    host, port = (part.split("=")[1] for part in postgres.removeprefix("postgres:").split()[:2])
    psql = shutil.which("psql") or _binary("psql")
    assert psql is not None
    command = [psql, "-h", host, "-p", port, "-U", "lake", "-d", "postgres", "-c", f"CREATE DATABASE {name}"]
    subprocess.run(command, check=True, capture_output=True)
    return postgres.replace("dbname=postgres", f"dbname={name}")


@pytest.fixture(scope="session")
def s3_endpoint() -> Iterator[str]:
    """Start S3 storage on the loopback and return its address."""
    from moto.server import ThreadedMotoServer  # a second of work that other tests need not wait for

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def bucket(s3_endpoint: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """Return the ``s3://`` address of a new bucket, with the environment that reaches it."""
    import boto3

    for name, value in {
        "AWS_ENDPOINT_URL": s3_endpoint, "AWS_ACCESS_KEY_ID": "lake", "AWS_SECRET_ACCESS_KEY": "of-the-test",
        "AWS_REGION": "us-east-1",
    }.items():  # fmt: skip
        monkeypatch.setenv(name, value)
    name = f"lake-{uuid4().hex[:12]}"
    boto3.client("s3", region_name="us-east-1").create_bucket(Bucket=name)
    return f"s3://{name}/files"
