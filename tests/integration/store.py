"""Where a server under test keeps what it keeps: in a file in its folder, or with TOPOFORGE_TEST_STORE=mongo in a
database of its own, on a MongoDB server that the tests of a run share: TOPOFORGE_TEST_MONGODB_URI, else one of ours."""

import atexit
import contextlib
import functools
import hashlib
import json
import os
import pathlib
import re
import shutil
import sqlite3
import sys
import tempfile
import uuid

import pytest

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parents[1] / "mongo")]

import mongo_server  # noqa: E402
from mongo_client import ask  # noqa: E402

ON_MONGO = os.environ.get("TOPOFORGE_TEST_STORE") == "mongo"
SECRET = "a secret of thirty-two bytes or more"
RUN = uuid.uuid4().hex[:8]


@functools.cache
def mongo_uri():
    if given := os.environ.get("TOPOFORGE_TEST_MONGODB_URI"):
        return given
    try:
        mongo_server.binary()
    except mongo_server.Unavailable as missing:
        pytest.skip(f"MONGODB IS NOT TESTED: {missing}")
    folder = tempfile.mkdtemp(prefix="topoforge-mongo-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    server = mongo_server.MongoServer(pathlib.Path(folder))
    atexit.register(server.stop)
    return server.uri


def database_name(folder):
    return f"topoforge_test_{RUN}_{hashlib.sha256(str(folder).encode()).hexdigest()[:16]}"


def store_environment(folder):
    """What makes a server on the folder keep things there: the same for the next server on it."""
    if not ON_MONGO:
        return {}
    return {"MONGODB_URI": mongo_uri(), "DATABASE_NAME": database_name(folder), "JWT_SECRET": SECRET}


def signing_key(folder):
    """Of the tokens of a server that was not given one."""
    return SECRET if ON_MONGO else (folder / "jwt_secret").read_text(encoding="ascii").strip()


def ask_database(folder, command):
    port = int(re.search(r":(\d+)/", mongo_uri()).group(1))
    return ask(port, {**command, "$db": database_name(folder)})


def records(folder, collection):
    """Those that are stored, as documents."""
    if ON_MONGO:
        return ask_database(folder, {"find": collection})
    with contextlib.closing(sqlite3.connect(folder / "topoforge.db")) as database:
        return [json.loads(row[0]) for row in database.execute(f"SELECT document FROM records_{collection}")]


def text_of_store(folder):
    """All that is stored."""
    if ON_MONGO:
        names = [one["name"] for one in ask_database(folder, {"listCollections": 1})]
        return "\n".join(str(one) for name in names for one in records(folder, name))
    with contextlib.closing(sqlite3.connect(folder / "topoforge.db")) as database:
        return "\n".join(database.iterdump())
