"""docs/schema.md: its tables, columns and indexes are compared with an SQLite database and with a MongoDB database that
the program makes, what no database tells with the sources."""

import json
import pathlib
import re
import sqlite3
import subprocess
import sys

import pytest

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parents[1] / "mongo")]

import mongo_server  # noqa: E402
from mongo_client import ask  # noqa: E402
from people import ADMIN, People, log  # noqa: E402
from program import BINARY  # noqa: E402
from server import clean_environment, running  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[2]
SOURCES = ROOT / "src" / "topoforge"
GUIDE = (ROOT / "docs" / "schema.md").read_text(encoding="utf-8")


def section(heading):
    """The text below a heading, to the next one."""
    found = re.search(rf"^#+ {re.escape(heading)}\n(.*?)(?=^#+ |\Z)", GUIDE, re.M | re.S)
    assert found, heading
    return found.group(1)


def rows(text, header):
    """The cells of the table that has the header."""
    found = re.search(rf"^\| {re.escape(header)}.*\|\n\|[-|]+\|\n((?:\|.*\n)+)", text, re.M)
    assert found, header
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in found.group(1).splitlines()]


def names(cell):
    return re.findall(r"`(\w+)`", cell)


TABLES = re.findall(r"^### Table `(\w+)`$", GUIDE, re.M)
COLLECTIONS = {
    names(name)[0]: {"unique": names(unique), "indexed": names(indexed), "members": names(members)}
    for name, unique, indexed, members in rows(section("Collections of records"), "Collection")
}


def columns_of(heading):
    return [(names(name)[0], kind) for name, kind, _ in rows(section(heading), "Column")]


# SQLite


@pytest.fixture(name="file", scope="module")
def fixture_file(tmp_path_factory):
    """The database of a folder with example data."""
    folder = tmp_path_factory.mktemp("schema") / "data"
    subprocess.run([BINARY, "seed", "--data-dir", str(folder)], env=clean_environment(), check=True, timeout=120,
                   capture_output=True)  # fmt: skip
    return folder / "topoforge.db"


@pytest.fixture(name="database", scope="module")
def fixture_database(file):
    database = sqlite3.connect(f"file:{file}?mode=ro", uri=True)
    yield database
    database.close()


def columns_in(database, table):
    return [(name, kind) for _, name, kind, *_ in database.execute(f"PRAGMA table_info({table})")]


def indexes_in(database, table):
    """Name, whether it is unique, its columns, and the words that made it; without those that keep a primary key."""
    for _, name, unique, origin, _ in database.execute(f"PRAGMA index_list({table})"):
        if origin == "c":
            on = [column for _, _, column in database.execute(f"PRAGMA index_info({name})")]
            words = database.execute("SELECT sql FROM sqlite_schema WHERE name = ?", [name]).fetchone()[0]
            yield name, bool(unique), on, words


def test_all_tables_of_sqlite_are_documented(database):
    made = {name for (name,) in database.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
    assert made == {*TABLES, *(f"records_{name}" for name in COLLECTIONS), "sqlite_sequence"}


@pytest.mark.parametrize("table", TABLES)
def test_a_table_has_the_documented_columns_and_indexes(database, table):
    text = section(f"Table `{table}`")
    assert columns_of(f"Table `{table}`") == columns_in(database, table)
    documented = {names(name)[0]: on.partition(";") for name, on in rows(text, "Index")} if "| Index" in text else {}
    made = list(indexes_in(database, table))
    assert {name: names(on) for name, (on, _, _) in documented.items()} == {name: on for name, _, on, _ in made}
    for name, unique, _, words in made:
        assert not unique and (" WHERE " in words.replace("\n", " ")) == ("where" in documented[name][2]), name


@pytest.mark.parametrize("collection", COLLECTIONS)
def test_a_table_of_records_has_the_documented_columns_and_indexes(database, collection):
    table = f"records_{collection}"
    assert columns_of("Records") == columns_in(database, table)
    documented = COLLECTIONS[collection]
    expected = {f"{table}_expires_at": (False, "(expires_at)")}
    for kind in ("unique", "indexed"):
        for member in documented[kind]:
            expected[f"{table}_{member}"] = (kind == "unique", f"(json_extract(document, '$.{member}'))")
    made = {name: (unique, words) for name, unique, _, words in indexes_in(database, table)}
    assert set(made) == set(expected)
    for name, (unique, on) in expected.items():
        assert made[name][0] == unique and on in made[name][1]


def test_the_database_is_marked_as_documented(database):
    application = database.execute("PRAGMA application_id").fetchone()[0]
    layout = database.execute("PRAGMA user_version").fetchone()[0]
    assert f'`application_id` is {application:#x} ("{application.to_bytes(4, "big").decode()}")' in GUIDE
    assert f"`user_version` the layout, {layout}." in GUIDE


def test_an_anomaly_takes_the_documented_room(database, file):
    assert "| an anomaly in SQLite, with its indexes | about 5 KB, of which the landscape is 800 bytes |" in GUIDE
    count, landscape = database.execute("SELECT count(*), avg(length(landscape)) FROM anomaly_documents").fetchone()
    assert count > 100 and landscape == 800
    assert 4000 < file.stat().st_size / count < 6000


@pytest.mark.parametrize("collection", COLLECTIONS)
def test_the_members_of_records_are_those_of_their_types(collection):
    ports = "".join(file.read_text(encoding="utf-8") for file in sorted((SOURCES / "ports").glob("*.hpp")))
    kind = re.search(rf'RecordTraits<(\w+)> {{\s+static constexpr std::string_view kCollection = "{collection}"', ports)
    members = re.search(rf"BOOST_DESCRIBE_STRUCT\({kind.group(1)}, \(RecordHead\),\s+\(([^)]*)\)\)", ports).group(1)
    assert COLLECTIONS[collection]["members"] == re.findall(r"\w+", members)


def test_records_have_the_documented_members_in_the_database(tmp_path):
    with running(tmp_path / "data", env=ADMIN) as server:
        people = People(server)
        made = [
            people.call("analyst", "POST", "/api/sources/", {"name": "web"}),
            people.call("analyst", "POST", "/api/detectors/", {"name": "web", "sources": ["web"]}),
            people.call("viewer", "POST", "/api/alert-configs", {
                "name": "web", "channels": [{"type": "webhook", "url": "http://127.0.0.1:9/"}]}),
        ]  # fmt: skip
        assert [status for status, _ in made] == [201, 201, 201]
    with sqlite3.connect(tmp_path / "data" / "topoforge.db") as database:
        for collection in ("users", "sessions", "sources", "detectors", "alert_configs"):
            document, expires = database.execute(f"SELECT document, expires_at FROM records_{collection}").fetchone()
            members = {*json.loads(document), *(["expires_at"] if expires else [])}
            assert members == set(COLLECTIONS[collection]["members"]), collection


# MongoDB


def documented_fields():
    return [name for cell, _ in rows(section("Collection `anomalies`"), "Field") for name in names(cell)]


def documented_members(field):
    """Of a document within an anomaly."""
    fields = rows(section("Collection `anomalies`"), "Field")
    return next(names(about) for cell, about in fields if field in names(cell))


def documented_indexes():
    """By collection: the names, and which of them are unique."""
    text = section("Collection `anomalies`")
    indexes = {"anomalies": ([names(name)[0] for name, _ in rows(text, "Index")], [])}
    for collection, unique, others in rows(section("The other collections"), "Collection"):
        indexes[names(collection)[0]] = (names(unique) + names(others), names(unique))
    return indexes


def test_the_fields_of_an_anomaly_are_those_of_the_source():
    header, source = ((SOURCES / "adapters" / "mongo" / name).read_text(encoding="utf-8")
                      for name in ("anomaly_document.hpp", "anomaly_document.cpp"))  # fmt: skip
    constants = re.findall(r'constexpr const char\* k\w+ = "(\w+)"', header + source)
    times = re.findall(r'constexpr TimeFields k\w+{\.date = "(\w+)", \.microseconds = "(\w+)"}', header + source)
    writing = source[source.index("Result<Document> document_of(const std::string& id") :]
    written = re.findall(r'(?:writer|document)[.>-]+\w+\("(\w+)"', writing[: writing.index("\n}\n")])
    assert set(documented_fields()) == {*constants, *(name for pair in times for name in pair), *written}


@pytest.mark.parametrize("field", ["analysis", "event"])
def test_the_members_within_an_anomaly_are_those_of_the_source(field):
    source = (SOURCES / "adapters" / "mongo" / "anomaly_document.cpp").read_text(encoding="utf-8")
    writing = source[source.index(f"Document {field}_of(") :]
    writing = writing[: writing.index("\n}\n")]
    written = re.findall(r'(?:writer|target\(\))\.\w+\("(\w+)"', writing)
    time = ["timestamp", "microseconds"] if "kEventTime" in writing else []
    assert set(documented_members(field)) == {*written, *time}


def test_indexes_that_are_sparse_or_expire_are_those_of_the_source():
    store = (SOURCES / "adapters" / "mongo" / "mongo_anomaly_store.cpp").read_text(encoding="utf-8")
    sparse = re.findall(r"ascending\(mongo::(\w+)(?:\.date)?\), \.sparse = true", store)
    assert sparse == ["kAcknowledged"]
    marked = [names(name)[0] for name, how in rows(section("Collection `anomalies`"), "Index") if "sparse" in how]
    assert marked == ["acknowledged_at_1"]
    expiring = {name for name, documented in COLLECTIONS.items() if "expires_at" in documented["members"]}
    assert expiring == {name for name, (indexes, _) in documented_indexes().items() if "expires_at_1" in indexes}
    records = (SOURCES / "adapters" / "mongo" / "documents.cpp").read_text(encoding="utf-8")
    assert records.count(".unique = true, .sparse = true") == records.count(".unique = true") == 2


@pytest.fixture(name="mongo", scope="module")
def fixture_mongo(tmp_path_factory):
    """Asks the database of a server that kept an anomaly of each origin."""
    try:
        mongo_server.binary()
    except mongo_server.Unavailable as missing:
        pytest.skip(f"MONGODB IS NOT TESTED: {missing}")
    folder = tmp_path_factory.mktemp("mongo")
    with mongo_server.running(folder / "mongo") as mongo:
        environment = {"MONGODB_URI": mongo.uri, "JWT_SECRET": "a secret of thirty-two bytes or more", **ADMIN}
        with running(folder / "data", "--window", "10", "--threshold", "0.01", env=environment) as server:
            people = People(server)
            values = [(i * 7919) % 101 for i in range(60)] + [5000] * 5
            events = [{"source": "web", "entity": "a", "value": value} for value in values]
            assert server.post(events)[1]["anomalies"] > 0
            reviewed = log(people, entity="b")["id"]
            review = {"label": "true_positive", "note": "seen"}
            assert people.call("analyst", "PUT", f"/api/anomalies/{reviewed}/label", review)[0] == 200
        yield lambda command: ask(mongo.port, {**command, "$db": "topoforge"})


def test_all_collections_of_mongodb_have_the_documented_indexes(mongo):
    made = {one["name"] for one in mongo({"listCollections": 1})}
    documented = documented_indexes()
    assert made == set(documented)
    for collection, (indexes, unique) in documented.items():
        found = [one for one in mongo({"listIndexes": collection}) if one["name"] != "_id_"]
        assert sorted(one["name"] for one in found) == sorted(indexes), collection
        assert sorted(one["name"] for one in found if one.get("unique")) == sorted(unique), collection
        for one in found:
            assert one["name"] == "_".join(f"{field}_{order}" for field, order in one["key"].items())


def test_anomalies_in_mongodb_have_the_documented_fields(mongo):
    stored = mongo({"find": "anomalies"})
    assert {one.get("origin") for one in stored} == {None, "manual"}
    fields = {name for one in stored for name in one}
    assert fields <= set(documented_fields())
    assert {"_id", "timestamp", "source_type", "entity", "is_anomaly", "anomaly_score", "risk_level", "hour", "label",
            "acknowledged_at", "acknowledged_by", "note", "analysis", "event", "created_by"} <= fields  # fmt: skip
    for field in ("analysis", "event"):
        inner = {name for one in stored for name in one.get(field, {})}
        assert inner and inner <= set(documented_members(field))


@pytest.mark.parametrize("collection", ["users", "sessions"])
def test_records_in_mongodb_have_the_documented_fields(mongo, collection):
    fields = {name for one in mongo({"find": collection}) for name in one}
    kept = {"_id", "revision", "expires_at_microseconds"}
    assert fields - kept == {*COLLECTIONS[collection]["members"]} - {"full_name", "organization"}


# Lifetimes and bounds


@pytest.mark.parametrize("file, constant, row", [
    ("api/auth/accounts.hpp", "hours kAccessTokenLife{24}", "| access tokens, which are not kept | 24 hours |"),
    ("api/auth/accounts.hpp", "hours kSessionLife{24 * 30}", "| sessions | 30 days |"),
    ("api/auth/accounts.hpp", "minutes kResetTokenLife{15}", "| mailed tokens for a new password | 15 minutes,"),
    ("api/auth/accounts.hpp", "hours kVerifyTokenLife{48}", "| mailed tokens to confirm an address | 48 hours,"),
    ("api/alerts/courier.hpp", "hours kDeliveryLife{24}", "| deliveries that are owed | 24 hours,"),
    ("api/alerts/courier.hpp", "hours kKeptFinished{24}", "| deliveries that were sent or given up | 24 hours,"),
    ("ports/alert_config.hpp", "kMaxAlertConfigs = 50;", "| alert configurations of an account | 50 at most |"),
    ("ports/records.hpp", "kMaxRecordLimit = 1000;", "| sources, detectors | 1000 each at most |"),
    ("adapters/mongo/anomaly_ids.cpp", "kBlock = 1 << 20;", "reserved (1,048,576 at a time)"),
    ("adapters/spool/spooled_anomaly_store.hpp", "max_bytes = std::uint64_t{64} << 20;", "come back, 64 MiB at most |"),
    ("adapters/sqlite/anomaly_counts.cpp", "kIdsInBlock = 1024;", "primary key: the id divided by 1024 |"),
    ("adapters/sqlite/anomaly_counts.hpp", "kSpans = {600, 3600, 86400, 32 * std::int64_t{86400}, 0};",
     "600, 3600, 86400, 2764800, or 0 for all time |"),
    ("adapters/sqlite/anomaly_counts.hpp",
     "{ risk = 0, source = 1, technique = 2, review = 3, entity = 4, score = 5 };",
     "0 risk, 1 source, 2 technique, 3 review, 4 entity, 5 score"),
])  # fmt: skip
def test_a_documented_number_is_that_of_the_source(file, constant, row):
    assert constant in (SOURCES / file).read_text(encoding="utf-8")
    assert row in GUIDE
