"""Asks a Kafka broker whether it serves, or gives the tasks' account its password.

Reads JSON from the standard input, so that no password is among the arguments:
`{"address": "127.0.0.1:9092", "password": "the broker's", "account": {"name": "…", …}}`.
Without an account the broker is asked; with one the account is given the password and logs in.
"""

import json
import sys
import time
from typing import TypedDict

from confluent_kafka import KafkaException
from confluent_kafka.admin import (
    AdminClient,
    ScramCredentialInfo,
    ScramMechanism,
    UserScramCredentialUpsertion,
)

# A broker that serves answers within some milliseconds.
_TIMEOUT_SECONDS = 5.0
# The password is in force once the broker has read its own metadata.
_IN_FORCE_SECONDS = 15.0
_ITERATIONS = 8192


class Account(TypedDict):
    """A login."""

    name: str
    password: str


class Request(TypedDict, total=False):
    """What is read."""

    address: str
    password: str
    account: Account


def connect(
    address: str, mechanism: str, account: Account, reasons: list[str] | None = None
) -> AdminClient:
    """A client that says nothing by itself; why it cannot connect is added to the reasons."""
    return AdminClient(
        {
            "error_cb": lambda error: (reasons if reasons is not None else []).append(error.str()),
            "bootstrap.servers": address,
            "security.protocol": "SASL_PLAINTEXT",
            "sasl.mechanism": mechanism,
            "sasl.username": account["name"],
            "sasl.password": account["password"],
            "log_level": 0,
        }
    )


def nodes_of(client: AdminClient) -> int:
    """How many brokers the cluster has. Raises KafkaException when it does not answer."""
    cluster = client.describe_cluster(request_timeout=_TIMEOUT_SECONDS).result()
    return len(cluster.nodes)


def give_password(client: AdminClient, account: Account) -> None:
    """Makes the account, or changes its password."""
    info = ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, _ITERATIONS)
    change = UserScramCredentialUpsertion(account["name"], info, account["password"].encode())
    for future in client.alter_user_scram_credentials([change]).values():
        future.result()


def log_in(address: str, account: Account) -> None:
    """Logs in with the account. Raises KafkaException when it cannot within a time."""
    end = time.monotonic() + _IN_FORCE_SECONDS
    while True:
        try:
            nodes_of(connect(address, "SCRAM-SHA-512", account))
        except KafkaException:
            if time.monotonic() > end:
                raise
        else:
            return


def main() -> int:
    """Does what the input says; 0 when the broker did it."""
    request: Request = json.load(sys.stdin)
    address = request["address"]
    reasons: list[str] = []
    login = Account(name="broker", password=request["password"])
    broker = connect(address, "PLAIN", login, reasons)
    try:
        nodes = nodes_of(broker)
        if "account" in request:
            give_password(broker, request["account"])
            log_in(address, request["account"])
    except KafkaException as error:
        # Its own words are that it waited in vain.
        words = reasons[-1] if reasons else error.args[0].str()
        print(words, file=sys.stderr)  # noqa: T201 (it is the program's answer)
        return 1
    print(json.dumps({"brokers": nodes}))  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())
