import pytest

from etl_dags.bucket_files.bucket import BucketPlace, StoredFile, missing_files, stored_file
from etl_dags.bucket_files.file_tables import statements
from etl_dags.bucket_files.file_trigger import FileTrigger
from etl_dags.bucket_files.land import cut_off
from etl_dags.bucket_files.ledger import Entry, State, unread_files
from etl_dags.bucket_files.plan import AS_OF, LANDING, OtherFilesError, Plan, plan_files, range_of
from etl_dags.bucket_files.read_file import BrokenFileError, file_source, reason_of
from etl_dags.bucket_files.validate import generated_by
from etl_dags.cluster_settings import ClusterSettings
from etl_dags.products import generate_batches


def landed(plan: Plan) -> list[str]:
    return [file["key"] for file in plan["files"] if not file["late"]]


def covered(keys: list[str], seed: int = 16) -> list[int]:
    ranges = [found for key in keys if (found := range_of(key, seed))]
    return sorted(id_ for found in ranges for id_ in range(found.first, found.last + 1))


@pytest.mark.parametrize("rows", [1, 2, 5, 6, 7, 1000])
def test_the_files_have_each_product_once_besides_copies_and_broken_ones(rows: int) -> None:
    assert covered(landed(plan_files(rows, 16, 0, []))) == list(range(1, rows + 1))


def test_a_first_run_has_all_formats_a_file_twice_one_with_a_column_more_and_one_cut_off() -> None:
    files = plan_files(1000, 16, 0, [])["files"]

    names = [file["key"].removeprefix(f"{LANDING}seed-16/products-") for file in files]
    assert names == [
        "0000000001-0000000167.parquet",
        "0000000001-0000000167-again.parquet",
        "0000000168-0000000334.csv",
        "0000000335-0000000501-cut-off.jsonl",
        "0000000335-0000000501.jsonl",
        "0000000502-0000000668.parquet",
        "0000000669-0000000835.csv",
        "0000000836-0000001000.jsonl",
    ]
    assert [file["extra_column"] for file in files].index(True) == 2
    assert [file["cut_off"] for file in files].index(True) == 3


def test_an_attempt_that_goes_on_lands_the_files_of_the_one_that_was_cut_off() -> None:
    all_keys = landed(plan_files(1000, 16, 0, []))

    for there in range(len(all_keys)):
        whole = [key for key in all_keys[:there] if range_of(key, 16)]
        rest = landed(plan_files(1000, 16, 0, whole))
        assert set(rest) <= set(all_keys)
        assert covered([*whole, *rest]) == list(range(1, 1001))


def test_what_comes_late_is_left_for_the_next_run_which_may_want_more() -> None:
    first = plan_files(100, 16, 2, [])
    keys = landed(first)

    assert covered(keys) == list(range(35, 101))
    assert covered([*keys, *landed(plan_files(250, 16, 0, keys))]) == list(range(1, 251))
    assert plan_files(100, 16, 0, landed(plan_files(100, 16, 0, [])))["files"] == []


def test_fewer_rows_than_there_are_and_another_seed_are_refused() -> None:
    keys = landed(plan_files(100, 16, 0, []))

    with pytest.raises(OtherFilesError, match="expected at most 99 products, found one with the"):
        plan_files(99, 16, 0, keys)
    with pytest.raises(OtherFilesError, match=r"expected those of the seed 17, found .*seed-16"):
        plan_files(100, 17, 0, keys)


def test_what_others_have_landed_is_in_nobodys_way() -> None:
    others = [f"{LANDING}others/alike.csv", f"{LANDING}seed-16/notes.csv"]

    assert plan_files(100, 16, 0, others) == plan_files(100, 16, 0, [])


def test_a_file_is_looked_at_that_is_new_or_was_put_right() -> None:
    stored = [StoredFile(key, "new", 1) for key in ("a", "b", "c", "d", "e")]

    def entry(key: str, etag: str, state: State) -> Entry:
        return Entry(key=key, etag=etag, size=1, sha256="", state=state)

    ledger = {
        "b": entry("b", "new", "quarantined"),
        "c": entry("c", "old", "quarantined"),
        "d": entry("d", "old", "loaded"),
        "e": entry("e", "old", "duplicate"),
    }

    assert [file.key for file in unread_files(stored, ledger)] == ["a", "c", "e"]


def test_missing_files_are_those_that_were_expected() -> None:
    assert missing_files(["b", "a"], [StoredFile("a", "", 1), StoredFile("c", "", 1)]) == ["b"]


def test_the_triggerer_makes_the_trigger_again_from_what_it_is_given() -> None:
    trigger = FileTrigger(
        place=BucketPlace("b", "mine/"), prefix="p", expected=["k"], until=1.5, poke_interval=0.5
    )

    path, arguments = trigger.serialize()

    assert path == "etl_dags.bucket_files.file_trigger.FileTrigger"
    assert FileTrigger(**arguments).serialize() == (path, arguments)


def test_what_arrives_of_a_text_ends_within_a_row() -> None:
    text = b'"id","name"\n1,"Books 1"\n2,"Books 2"\n3,"Books 3"\n'

    assert cut_off(text, "csv") == b'"id","name"\n1,"Books 1'
    assert cut_off(b"PAR1....PAR1", "parquet") == b"PAR1.."


def test_a_row_that_is_inserted_twice_meets_its_double_and_two_rows_of_a_file_do_not() -> None:
    keeper = ClusterSettings(
        database="d", cluster="c", replication="keeper", distributed_ddl=True, nodes=()
    )

    local, spread, ledger, _ = statements(keeper)

    assert "ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{uuid}/{shard}'" in local
    assert local.endswith("ORDER BY (id, file_sha256, file_row)")
    assert spread.endswith("Distributed('c', 'd', 'files_from_bucket_local', cityHash64(id))")
    assert "'{replica}', recorded_at) ORDER BY key" in ledger


def test_a_replicated_database_chooses_the_paths_itself() -> None:
    replicated = ClusterSettings(
        database="d",
        cluster="c",
        replication="keeper",
        distributed_ddl=False,
        replicated_database=True,
        nodes=(),
    )

    local, _, ledger, _ = statements(replicated)

    assert "ENGINE = ReplicatedReplacingMergeTree ORDER BY" in local
    assert "ENGINE = ReplicatedReplacingMergeTree(recorded_at) ORDER BY" in ledger


def test_a_reason_is_one_line_without_what_is_said_of_the_server() -> None:
    words = (
        "HTTPDriver for http://127.0.0.1:8123 received ClickHouse error code 117\n Code: 117. "
        "DB::Exception: Not a Parquet file\n(wrong magic bytes): (in file/uri b/k.parquet): While "
        "executing ParquetV3BlockInputFormat. (INCORRECT_DATA) (version 26.7.2.1)"
    )

    assert reason_of(words) == "Not a Parquet file (wrong magic bytes)."


def test_a_reason_is_that_of_the_first_error() -> None:
    words = (
        "Code: 636. DB::Exception: The table structure cannot be extracted from a Parquet format "
        "file. Error:\nCode: 117. DB::Exception: Parquet file too short: 4 bytes. (INCORRECT_DATA) "
        "(version 26.7.2.1).\nYou can specify the structure manually: (in file/uri b/k.parquet). "
        "(CANNOT_EXTRACT_TABLE_STRUCTURE) (version 26.7.2.1)"
    )

    assert reason_of(words) == "Parquet file too short: 4 bytes."


@pytest.mark.parametrize("name", ["two words.csv", "all*.csv", "a{b,c}.csv", "what?.csv", "ü.csv"])
def test_a_name_that_clickhouse_reads_as_something_else_is_refused(name: str) -> None:
    with pytest.raises(BrokenFileError, match="expected letters, digits"):
        file_source(f"{LANDING}{name}")


def test_no_statement_has_an_address_or_a_key() -> None:
    sql = file_source(f"{LANDING}a.parquet").rows

    assert "s3(platform_bucket, filename = {key:String}, format = 'Parquet'" in sql
    assert "http" not in sql


def test_what_the_files_come_to_is_what_was_generated_for_them() -> None:
    keys = landed(plan_files(500, 16, 0, []))
    stored = [StoredFile(key, "", 1) for key in keys]

    [whole] = generate_batches(16, AS_OF, 500, 500)
    assert generated_by(stored, 16) == whole.figures.generated()
    assert generated_by(stored[:-1], 16)["rows"] < 500


def test_keys_are_those_below_the_prefix_of_the_place() -> None:
    listed = {"Key": "mine/landing/a.csv", "ETag": '"e"', "Size": 3}

    assert stored_file(listed, "mine/") == StoredFile("landing/a.csv", "e", 3)
    assert stored_file(listed, "") == StoredFile("mine/landing/a.csv", "e", 3)
