import json
import subprocess
import sys
from pathlib import Path

import pytest

DAGS = sorted((Path(__file__).parents[2] / "dags").glob("*.py"))

# Imports a DAG file as the DAG processor does, in a process in which Airflow itself is loaded
# already, and prints what the import did beyond defining things.
PROBE = """
import json, sys, time
import airflow.sdk
from airflow.sdk import DAG, ExceptionRetryPolicy, Param, RetryRule, dag, task
from importlib.util import module_from_spec, spec_from_file_location

# Airflow loads some of its own parts with the first DAG.
with DAG("first", schedule=None):
    task(lambda: None, task_id="only")()

deeds = []
WATCHED = {"socket.connect", "socket.getaddrinfo", "subprocess.Popen", "os.system", "os.mkdir",
           "os.remove", "os.rename", "sqlite3.connect"}

def watch(event, arguments):
    if event in WATCHED:
        deeds.append(event)
    if event == "open" and arguments[1] is not None and set(str(arguments[1])) & set("wax+"):
        if not str(arguments[0]).endswith(".pyc") and "__pycache__" not in str(arguments[0]):
            deeds.append(f"{event} {arguments[0]}")

before = set(sys.modules)
sys.addaudithook(watch)
start = time.process_time()
spec = spec_from_file_location("probed", sys.argv[1])
spec.loader.exec_module(module_from_spec(spec))
seconds = time.process_time() - start
print(json.dumps({"deeds": deeds, "seconds": seconds, "new": sorted(set(sys.modules) - before)}))
"""


def probe(file: Path) -> dict[str, object]:
    done = subprocess.run(
        [sys.executable, "-c", PROBE, str(file)], capture_output=True, text=True, check=True
    )
    answer: dict[str, object] = json.loads(done.stdout.splitlines()[-1])
    return answer


@pytest.mark.parametrize("file", DAGS, ids=lambda file: file.stem)
def test_importing_a_dag_reaches_nothing_outside_and_loads_nothing_heavy(file: Path) -> None:
    probed = probe(file)

    assert probed["deeds"] == []
    new = probed["new"]
    assert isinstance(new, list)
    heavy = {"numpy", "clickhouse_connect", "airflow.providers.clickhousedb", "etl_dags.cluster"}
    assert heavy.isdisjoint(new)


@pytest.mark.parametrize("file", DAGS, ids=lambda file: file.stem)
def test_importing_a_dag_takes_little_time(file: Path) -> None:
    seconds = probe(file)["seconds"]

    assert isinstance(seconds, float)
    assert seconds < 0.5


def test_the_probe_sees_what_an_import_does(tmp_path: Path) -> None:
    file = tmp_path / "careless.py"
    file.write_text(
        f"import numpy, socket\nopen({str(tmp_path / 'trace')!r}, 'w').close()\n"
        "socket.getaddrinfo('127.0.0.1', 1)\n"
    )

    probed = probe(file)

    assert f"open {tmp_path / 'trace'}" in str(probed["deeds"])
    assert "socket.getaddrinfo" in str(probed["deeds"])
    assert "numpy" in str(probed["new"])
