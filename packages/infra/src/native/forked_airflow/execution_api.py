"""Which versions of its execution API, the one that tasks talk to, Airflow's api-server makes."""

from airflow.api_fastapi.execution_api import versions
from airflow.api_fastapi.execution_api.routes import execution_api_router
from cadwyn import HeadVersion, Version, VersionBundle

# The tag that Cadwyn gives a route which older versions alone have.
_OLDER_VERSIONS_ALONE = "_CADWYN_DELETED_ROUTE"


def serve_newest_version() -> None:
    """Has it make the newest version alone: all tasks of a platform are of the same Airflow.

    It would make every version since 3.0 when the first task begins, each with models of its own,
    which takes three seconds and 40 MB (https://docs.cadwyn.dev/concepts/version_changes/).
    """
    newest = versions.bundle.versions[0]
    versions.bundle = VersionBundle(HeadVersion(), Version(newest.value))
    execution_api_router.routes = [
        route
        for route in execution_api_router.routes
        if _OLDER_VERSIONS_ALONE not in getattr(route, "tags", ())
    ]
