"""Messages to people by Telegram, as Airflow's connection `telegram_default` describes it.

A platform has the connection where its secrets have the token of a bot. Without it, and without a
chat, what would have been sent is in the log alone.
"""

import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from airflow.sdk import Connection
from airflow.sdk.exceptions import AirflowNotFoundException

if TYPE_CHECKING:
    from airflow.sdk.definitions.context import Context

log = logging.getLogger(__name__)

CONNECTION: Final = "telegram_default"
TELEGRAM_API: Final = "https://api.telegram.org"
_TIMEOUT_SECONDS: Final = 10.0
# https://core.telegram.org/bots/api#sendmessage
_LONGEST_MESSAGE: Final = 4096
_LONGEST_REASON: Final = 500


@dataclass(frozen=True)
class TelegramChat:
    """A chat that a bot writes to."""

    chat: str
    token: str = field(repr=False)
    api: str
    """The Bot API; one of one's own may stand in for Telegram's (`api` in the extra)."""


def find_chat() -> TelegramChat | None:
    """The chat of the connection; none, with the reason in the log, where there is none."""
    try:
        connection = Connection.get(CONNECTION)
    except AirflowNotFoundException:
        log.info("No message is sent: there is no connection %s (telegram_bot_token).", CONNECTION)
        return None
    if not connection.host or not connection.password:
        log.warning(
            "No message is sent: %s has no %s. Write telegram_chat_id and telegram_bot_token into "
            "the secrets of the platform and run infra:up.",
            CONNECTION,
            "token" if connection.host else "chat",
        )
        return None
    api = connection.extra_dejson.get("api", TELEGRAM_API)
    return TelegramChat(chat=connection.host, token=connection.password, api=api)


def send(text: str) -> bool:
    """Sends a message where there is a chat; gives whether it was taken.

    What goes wrong is in the log, without the token: a message that does not arrive fails no task.
    """
    chat = find_chat()
    if chat is None:
        return False
    # Most runs of most tasks send nothing.
    import httpx  # noqa: PLC0415

    logging.getLogger("httpx").addFilter(_holds_no_token)
    message = {
        "chat_id": chat.chat,
        "text": _shortened(text, _LONGEST_MESSAGE),
        "link_preview_options": {"is_disabled": True},
    }
    address = f"{chat.api}/bot{chat.token}/sendMessage"
    try:
        answer = httpx.post(address, json=message, timeout=_TIMEOUT_SECONDS)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        # Its text may hold the address, and so the token.
        log.warning("Telegram did not take the message: %s.", type(error).__name__)
        return False
    if answer.is_success:
        return True
    log.warning("Telegram did not take the message: status %s.", answer.status_code)
    return False


def report_failure(context: "Context") -> None:
    """Sends that a task has failed for good: a callback of tasks (`on_failure_callback`).

    https://airflow.apache.org/docs/apache-airflow/stable/administration-and-deployment/logging-monitoring/callbacks.html
    """
    task = context["task_instance"]
    reason = str(context.get("exception") or "it was ended from outside").strip()
    send(
        f"{task.dag_id} has failed: task {task.task_id}, run {task.run_id}, "
        f"try {task.try_number}.\n"
        f"{_shortened(reason, _LONGEST_REASON)}\n"
        f"Log: {task.log_url}"
    )


def _holds_no_token(record: logging.LogRecord) -> bool:
    """Keeps requests to the Bot API, whose address holds the token, from httpx's log."""
    return "/sendMessage" not in record.getMessage()


def _shortened(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[: longest - 1] + "…"
