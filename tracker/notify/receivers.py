"""Receivers of notices: a webhook, Slack, e-mail, a command, a file, and everything that apprise can reach.

    [notify.desk]
    to = "webhook"                  # or "slack", "apprise"
    url = "$DESK_WEBHOOK"           # an address that lets anyone post is a secret, and comes from the environment

    [notify.mail]
    to = "email"
    host = "smtp.example.org"
    port = 587
    security = "starttls"           # or "tls", "none"
    user = "$SMTP_USER"             # left out: no log-in
    password = "$SMTP_PASSWORD"
    from = "tracker@example.org"
    recipients = ["desk@example.org"]

    [notify.log]
    to = "file"                     # JSON lines are appended
    path = "notices.jsonl"

    [notify.own]
    to = "command"                  # gets the notice as JSON on standard input
    command = ["logger", "-t", "tracker"]
    only = ["failed", "stale", "recovered"]   # for any receiver: only these kinds of notices

The value of `$NAME` is read at the moment of delivery, and appears in no message, record or traceback.
"""

from __future__ import annotations

import json
import os
import re
import smtplib
import ssl
import subprocess
import threading
import time
import urllib.error
import urllib.request
from dataclasses import asdict, dataclass
from email.message import EmailMessage
from typing import TYPE_CHECKING, Any, Final

from tracker.errors import InputError, Problem
from tracker.notify.notices import KINDS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from http.client import HTTPMessage
    from pathlib import Path
    from typing import IO

    from tracker.notify.notices import Notice

__all__ = ["Delivery", "Receiver", "deliver", "load_receivers"]

#: The kinds of receivers, each with the keys that it needs and those that it may have.
_KINDS: Final[dict[str, tuple[set[str], set[str]]]] = {
    "webhook": ({"url"}, set()),
    "slack": ({"url"}, set()),
    "apprise": ({"url"}, set()),
    "email": ({"host", "from", "recipients"}, {"port", "security", "user", "password"}),
    "command": ({"command"}, set()),
    "file": ({"path"}, set()),
}
_SECRETS: Final = {"url", "user", "password"}
_REFERENCE: Final = re.compile(r"\$([A-Za-z_][A-Za-z0-9_]*)", re.ASCII)
#: The most characters of an error that are recorded.
_MOST_CHARACTERS: Final = 500
#: The names of variables that may hold secrets: a command may print those of another receiver.
_SECRET_NAME: Final = re.compile("AUTH|CRED|DSN|HOOK|KEY|PASS|SECRET|TOKEN|URL")
_PORTS: Final = {"starttls": 587, "tls": 465, "none": 25}

#: The attempts of one delivery, the seconds before the second one, and the seconds that one attempt may take.
ATTEMPTS: Final = 3
PAUSE: Final = 1.0
PATIENCE: Final = 20.0


@dataclass(frozen=True, slots=True)
class Receiver:
    """A receiver: its name in tracker.toml, its kind, and its options."""

    name: str
    kind: str
    options: Mapping[str, Any]
    root: Path

    def wants(self, notice: Notice) -> bool:
        """Return whether this receiver gets notices of that kind."""
        return notice.kind in self.options.get("only", KINDS)


@dataclass(frozen=True, slots=True)
class Delivery:
    """The result of sending one notice to one receiver: delivered or failed, the attempts, and the last error."""

    receiver: str
    notice_key: str
    status: str
    attempts: int
    error: str | None


class _RefusedError(Exception):
    """The receiver refused; another attempt would not help."""


class _LaterError(Exception):
    """The receiver is not available now; `after` is the number of seconds that it wants us to wait, or None."""

    def __init__(self, message: str, after: float | None = None) -> None:
        super().__init__(message)
        self.after = after


# -- settings ----------------------------------------------------------------------------------------


def load_receivers(settings: Mapping[str, Any], root: Path) -> dict[str, Receiver]:
    """Load the `[notify.NAME]` tables of a project's settings; InputError lists all problems in them."""
    tables: Mapping[str, Any] = settings.get("notify", {})
    problems = [
        Problem(str(root / "tracker.toml"), None, f"notify.{name}{key}", code, message, remedy)
        for name, table in tables.items()
        for key, code, message, remedy in _find_problems(table)
    ]
    if problems:
        raise InputError(problems)
    return {
        name: Receiver(name, table["to"], {key: value for key, value in table.items() if key != "to"}, root)
        for name, table in tables.items()
    }


def _find_problems(table: Any) -> Iterator[tuple[str, str, str, str]]:
    kind = table.get("to") if isinstance(table, dict) else None
    if not isinstance(kind, str) or kind not in _KINDS:
        yield (
            "",
            "kind",
            f"{kind!r} is not a kind of receiver",
            f"write `to = ...` with one of {', '.join(sorted(_KINDS))}",
        )
        return
    required, optional = _KINDS[kind]
    yield from ((f".{key}", "missing", "is missing", f"add `{key} = ...`") for key in sorted(required - table.keys()))
    known = required | optional | {"only"}
    for key in sorted(table.keys() - {"to"}):
        if key not in known:
            yield f".{key}", "unknown", "is unknown", f"use {', '.join(sorted(known))}"
        else:
            yield from ((f".{key}", *found) for found in _check_value(key, table[key]))


def _check_value(key: str, value: Any) -> Iterator[tuple[str, str, str]]:
    if key in {"recipients", "command", "only"}:
        if not isinstance(value, list) or not value or not all(isinstance(item, str) and item for item in value):
            yield "type", "is not a list of texts", f'write `{key} = ["...", "..."]`'
        elif key == "only" and (unknown := [item for item in value if item not in KINDS]):
            yield "kind", f"there is no notice {unknown[0]!r}", f"use {', '.join(KINDS)}"
    elif key == "port":
        if not isinstance(value, int) or isinstance(value, bool) or not 0 < value < 65536:  # noqa: PLR2004 - TCP's ports
            yield "type", "is not a port", "write a number up to 65535"
    elif not isinstance(value, str) or not value:
        yield "type", "is not a text", f'write `{key} = "..."`'
    elif key in _SECRETS and not _REFERENCE.fullmatch(value):
        yield (
            "secret",
            "is a secret, and the file is not secret",
            f'put it into the environment and write `{key} = "$NAME"`',
        )
    elif key == "security" and value not in _PORTS:
        yield "security", f"there is no {value!r}", f"use {', '.join(_PORTS)}"


# -- delivery ----------------------------------------------------------------------------------------


def deliver(receiver: Receiver, notice: Notice, *, pause: float = PAUSE, patience: float = PATIENCE) -> Delivery:
    """Send one notice to one receiver, in a few attempts; return errors in the result and never raise them.

    An attempt ends after `patience` seconds, whatever the other side does.
    """
    error = ""
    for attempt in range(1, ATTEMPTS + 1):
        try:
            _run_within(patience, lambda: _SENDERS[receiver.kind](receiver, notice, patience))
        except _RefusedError as refusal:
            return Delivery(receiver.name, notice.key, "failed", attempt, _hide_secrets(receiver, str(refusal)))
        except Exception as failure:  # noqa: BLE001 - whatever a receiver does, the run goes on
            error = _hide_secrets(receiver, _describe_failure(failure))
            if attempt < ATTEMPTS:
                wait = failure.after if isinstance(failure, _LaterError) else None
                time.sleep(min(wait if wait is not None else pause * 2 ** (attempt - 1), patience))
        else:
            return Delivery(receiver.name, notice.key, "delivered", attempt, None)
    return Delivery(receiver.name, notice.key, "failed", ATTEMPTS, error)


def _run_within(seconds: float, call: Callable[[], None]) -> None:
    """Run a call that may hang, and wait for it no longer than this."""
    raised: list[BaseException] = []

    def run() -> None:
        try:
            call()
        except BaseException as error:  # noqa: BLE001 - the waiting thread raises it
            raised.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(seconds)
    if thread.is_alive():
        raise _LaterError(f"no answer within {seconds:g} seconds")
    if raised:
        raise raised[0]


def _describe_failure(failure: Exception) -> str:
    reason = getattr(failure, "reason", failure)
    return " ".join(str(reason).split()) or type(failure).__name__


def _hide_secrets(receiver: Receiver, text: str) -> str:
    """Replace every secret of the receiver in a text, and every part of its address; shorten a long text."""
    for secret in sorted(_find_secrets(receiver), key=len, reverse=True):
        text = text.replace(secret, "***")
    return text if len(text) <= _MOST_CHARACTERS else f"{text[:100]} ... {text[100 - _MOST_CHARACTERS :]}"


def _find_secrets(receiver: Receiver) -> set[str]:
    """Find the receiver's secrets, the parts of its addresses, and all secrets in the environment."""
    values = {_read_secret(receiver, key, is_demanded=False) for key in _SECRETS & receiver.options.keys()}
    others = {value for name, value in os.environ.items() if _SECRET_NAME.search(name.upper())}
    parts = {part for value in values | others for part in (value, *re.split(r"[/?&=@:#]+", value))}
    return {value for value in values if value} | {part for part in parts if len(part) > 7}  # noqa: PLR2004 - shorter parts are ordinary words


def _read_secret(receiver: Receiver, key: str, *, is_demanded: bool = True) -> str:
    """Read the current value of a `$NAME`."""
    name = str(receiver.options[key]).removeprefix("$")
    value = os.environ.get(name, "")
    if not value and is_demanded:
        raise _RefusedError(f"notify.{receiver.name}.{key}: ${name} is not set in the environment")
    return value


# -- senders ------------------------------------------------------------------------------------------


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Follows no redirect, because that would give the secret address to another server."""

    def redirect_request(  # noqa: PLR0913, PLR0917 - as the library calls it
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> None:
        """Return None, so that the answer itself is the result."""


def _post_json(receiver: Receiver, body: Mapping[str, Any], patience: float) -> None:
    url = _read_secret(receiver, "url")
    if not url.startswith(("https://", "http://")):
        raise _RefusedError("the address is not an http(s) address")
    content = json.dumps(body, ensure_ascii=False).encode()
    request = urllib.request.Request(  # noqa: S310 - checked above
        url, content, {"Content-Type": "application/json; charset=utf-8", "User-Agent": "tracker"}
    )
    opener = urllib.request.build_opener(_NoRedirect)
    try:
        opener.open(request, timeout=patience).close()
    except urllib.error.HTTPError as answer:
        answer.close()
        if answer.code in {408, 425, 429} or answer.code >= 500:  # noqa: PLR2004 - an error of the server itself
            raise _LaterError(f"HTTP {answer.code}", _parse_seconds(answer.headers.get("Retry-After"))) from None
        raise _RefusedError(f"HTTP {answer.code}") from None


def _parse_seconds(text: str | None) -> float | None:
    return float(text) if text and text.isascii() and text.isdigit() else None


def _send_webhook(receiver: Receiver, notice: Notice, patience: float) -> None:
    _post_json(receiver, asdict(notice), patience)


_MARKUP: Final = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})


def _send_slack(receiver: Receiver, notice: Notice, patience: float) -> None:
    """Send to Slack's incoming webhook, with its special characters escaped, so that no name becomes a link."""
    title, text = (words.translate(_MARKUP) for words in (notice.title, notice.text))
    _post_json(receiver, {"text": f"*{title}*\n{text}"}, patience)


def _send_email(receiver: Receiver, notice: Notice, patience: float) -> None:
    options = receiver.options
    security = options.get("security", "starttls")
    connect = smtplib.SMTP_SSL if security == "tls" else smtplib.SMTP
    extra: dict[str, Any] = {"context": ssl.create_default_context()} if security == "tls" else {}
    try:
        with connect(options["host"], options.get("port", _PORTS[security]), timeout=patience, **extra) as server:
            if security == "starttls":
                server.starttls(context=ssl.create_default_context())
            if "user" in options:
                server.login(_read_secret(receiver, "user"), _read_secret(receiver, "password"))
            server.send_message(_make_letter(options, notice))
    except (smtplib.SMTPAuthenticationError, smtplib.SMTPNotSupportedError, smtplib.SMTPSenderRefused) as error:
        raise _RefusedError(_describe_smtp_error(error)) from None
    except smtplib.SMTPRecipientsRefused as error:
        raise _LaterError(f"recipients refused: {', '.join(sorted(error.recipients))}") from None
    except smtplib.SMTPException as error:
        raise _LaterError(_describe_smtp_error(error)) from None


def _describe_smtp_error(error: smtplib.SMTPException) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        return f"SMTP {error.smtp_code} {error.smtp_error!r}"
    return str(error)


def _make_letter(options: Mapping[str, Any], notice: Notice) -> EmailMessage:
    letter = EmailMessage()
    letter["Subject"] = " ".join(notice.title.split())
    letter["From"] = options["from"]
    letter["To"] = ", ".join(options["recipients"])
    letter["X-Tracker-Notice"] = notice.key
    letter.set_content(f"{notice.text}\n\n{notice.link or ''}".rstrip() + "\n")
    return letter


def _run_command(receiver: Receiver, notice: Notice, patience: float) -> None:
    content = json.dumps(asdict(notice), ensure_ascii=False)
    try:
        done = subprocess.run(  # noqa: S603 - the user's own command, without a shell
            receiver.options["command"],
            input=content,
            text=True,
            capture_output=True,
            timeout=patience,
            cwd=receiver.root,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise _LaterError(f"still running after {patience:g} seconds") from None
    except OSError as error:
        raise _RefusedError(f"cannot be run: {error.strerror}") from None
    if done.returncode:
        raise _LaterError(f"exit {done.returncode}: {done.stderr.strip()}")


def _append_to_file(receiver: Receiver, notice: Notice, _: float) -> None:
    path = receiver.root / receiver.options["path"]
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(asdict(notice), ensure_ascii=False) + "\n")


def _send_by_apprise(receiver: Receiver, notice: Notice, _: float) -> None:
    url = _read_secret(receiver, "url")
    try:
        import apprise  # noqa: PLC0415 - only this receiver needs it
    except ModuleNotFoundError:
        raise _RefusedError("apprise is not installed; install tracker[notify]") from None
    sender = apprise.Apprise()
    if not sender.add(url):
        raise _RefusedError("apprise does not know this kind of address")
    if not sender.notify(title=notice.title, body=notice.text):
        raise _LaterError("apprise could not deliver")


_SENDERS: Final[dict[str, Callable[[Receiver, Notice, float], None]]] = {
    "webhook": _send_webhook,
    "slack": _send_slack,
    "email": _send_email,
    "command": _run_command,
    "file": _append_to_file,
    "apprise": _send_by_apprise,
}
