"""Receivers of notices: a webhook, Slack, e-mail, a command, a file, and through apprise whatever that knows.

    [notify.desk]
    to = "webhook"                  # or "slack", "apprise"
    url = "$DESK_WEBHOOK"           # an address that lets anyone post is a secret: it comes from the environment

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
    only = ["failed", "stale", "recovered"]   # any receiver: these kinds of notices alone

What `$NAME` stands for is looked up at the moment of delivery and appears in no message, record or traceback.
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

#: Kinds of receivers: what each must say, and what it may.
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
#: Letters of an error that go on record.
_LONGEST: Final = 500
#: Names of variables that hold secrets; a command may print the one of another receiver.
_SECRETIVE: Final = re.compile("AUTH|CRED|DSN|HOOK|KEY|PASS|SECRET|TOKEN|URL")
_PORTS: Final = {"starttls": 587, "tls": 465, "none": 25}

#: Attempts of one delivery, the seconds between them, and the seconds one attempt may take in all.
ATTEMPTS: Final = 3
PAUSE: Final = 1.0
PATIENCE: Final = 20.0


@dataclass(frozen=True, slots=True)
class Receiver:
    """A receiver: its name in tracker.toml, how to reach it, and the options of that way."""

    name: str
    kind: str
    options: Mapping[str, Any]
    root: Path

    def wants(self, notice: Notice) -> bool:
        """Whether this one is to be told of it."""
        return notice.kind in self.options.get("only", KINDS)


@dataclass(frozen=True, slots=True)
class Delivery:
    """What became of one notice at one receiver: delivered, or failed with the last error, after so many attempts."""

    receiver: str
    notice_key: str
    status: str
    attempts: int
    error: str | None


class _RefusedError(Exception):
    """The receiver said no; trying again would not help."""


class _LaterError(Exception):
    """The receiver could not just now; `after` seconds is what it asked for, or None."""

    def __init__(self, message: str, after: float | None = None) -> None:
        super().__init__(message)
        self.after = after


# -- settings ----------------------------------------------------------------------------------------


def load_receivers(settings: Mapping[str, Any], root: Path) -> dict[str, Receiver]:
    """The `[notify.NAME]` tables of a project's settings; InputError lists everything wrong with any of them."""
    tables: Mapping[str, Any] = settings.get("notify", {})
    problems = [
        Problem(str(root / "tracker.toml"), None, f"notify.{name}{key}", code, message, remedy)
        for name, table in tables.items()
        for key, code, message, remedy in _wrong(table)
    ]
    if problems:
        raise InputError(problems)
    return {
        name: Receiver(name, table["to"], {key: value for key, value in table.items() if key != "to"}, root)
        for name, table in tables.items()
    }


def _wrong(table: Any) -> Iterator[tuple[str, str, str, str]]:
    kind = table.get("to") if isinstance(table, dict) else None
    if not isinstance(kind, str) or kind not in _KINDS:
        yield (
            "",
            "kind",
            f"{kind!r} is no kind of receiver",
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
            yield from ((f".{key}", *found) for found in _wrong_value(key, table[key]))


def _wrong_value(key: str, value: Any) -> Iterator[tuple[str, str, str]]:
    if key in {"recipients", "command", "only"}:
        if not isinstance(value, list) or not value or not all(isinstance(item, str) and item for item in value):
            yield "type", "is no list of texts", f'write `{key} = ["...", "..."]`'
        elif key == "only" and (unknown := [item for item in value if item not in KINDS]):
            yield "kind", f"there is no notice {unknown[0]!r}", f"use {', '.join(KINDS)}"
    elif key == "port":
        if not isinstance(value, int) or isinstance(value, bool) or not 0 < value < 65536:  # noqa: PLR2004 - TCP's ports
            yield "type", "is no port", "write a number up to 65535"
    elif not isinstance(value, str) or not value:
        yield "type", "is no text", f'write `{key} = "..."`'
    elif key in _SECRETS and not _REFERENCE.fullmatch(value):
        yield "secret", "stands in the file for all to read", f'put it into the environment and write `{key} = "$NAME"`'
    elif key == "security" and value not in _PORTS:
        yield "security", f"there is no {value!r}", f"use {', '.join(_PORTS)}"


# -- delivery ----------------------------------------------------------------------------------------


def deliver(receiver: Receiver, notice: Notice, *, pause: float = PAUSE, patience: float = PATIENCE) -> Delivery:
    """Tell one receiver of one notice, in a few attempts; what goes wrong is in the result, never raised.

    An attempt is given up after `patience` seconds, whatever the other side does.
    """
    error = ""
    for attempt in range(1, ATTEMPTS + 1):
        try:
            _within(patience, lambda: _WAYS[receiver.kind](receiver, notice, patience))
        except _RefusedError as refusal:
            return Delivery(receiver.name, notice.key, "failed", attempt, _clean(receiver, str(refusal)))
        except Exception as failure:  # noqa: BLE001 - whatever a receiver does, the run goes on
            error = _clean(receiver, _words(failure))
            if attempt < ATTEMPTS:
                asked = failure.after if isinstance(failure, _LaterError) else None
                time.sleep(min(asked if asked is not None else pause * 2 ** (attempt - 1), patience))
        else:
            return Delivery(receiver.name, notice.key, "delivered", attempt, None)
    return Delivery(receiver.name, notice.key, "failed", ATTEMPTS, error)


def _within(seconds: float, call: Callable[[], None]) -> None:
    """Run something that may hang for ever, and wait for it no longer than this."""
    raised: list[BaseException] = []

    def run() -> None:
        try:
            call()
        except BaseException as error:  # noqa: BLE001 - handed to the one who waits
            raised.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(seconds)
    if thread.is_alive():
        raise _LaterError(f"no answer within {seconds:g} seconds")
    if raised:
        raise raised[0]


def _words(failure: Exception) -> str:
    reason = getattr(failure, "reason", failure)
    return " ".join(str(reason).split()) or type(failure).__name__


def _clean(receiver: Receiver, text: str) -> str:
    """The text without what must not be seen: every secret of the receiver, and the parts an address is made of."""
    for secret in sorted(_hidden(receiver), key=len, reverse=True):
        text = text.replace(secret, "***")
    return text if len(text) <= _LONGEST else f"{text[:100]} ... {text[100 - _LONGEST :]}"


def _hidden(receiver: Receiver) -> set[str]:
    """The receiver's secrets and what its addresses are made of, and whatever else in the environment is called one."""
    values = {_secret(receiver, key, is_demanded=False) for key in _SECRETS & receiver.options.keys()}
    others = {value for name, value in os.environ.items() if _SECRETIVE.search(name.upper())}
    parts = {part for value in values | others for part in (value, *re.split(r"[/?&=@:#]+", value))}
    return {value for value in values if value} | {part for part in parts if len(part) > 7}  # noqa: PLR2004 - no word of a host


def _secret(receiver: Receiver, key: str, *, is_demanded: bool = True) -> str:
    """What a `$NAME` stands for now."""
    name = str(receiver.options[key]).removeprefix("$")
    value = os.environ.get(name, "")
    if not value and is_demanded:
        raise _RefusedError(f"notify.{receiver.name}.{key}: ${name} is not set in the environment")
    return value


# -- the ways ----------------------------------------------------------------------------------------


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A secret address is not told to whoever it points at next."""

    def redirect_request(  # noqa: PLR0913, PLR0917 - as the library calls it
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> None:
        """None: the answer itself is the outcome."""


def _post(receiver: Receiver, body: Mapping[str, Any], patience: float) -> None:
    url = _secret(receiver, "url")
    if not url.startswith(("https://", "http://")):
        raise _RefusedError("the address is no http(s) address")
    content = json.dumps(body, ensure_ascii=False).encode()
    request = urllib.request.Request(  # noqa: S310 - checked above
        url, content, {"Content-Type": "application/json; charset=utf-8", "User-Agent": "tracker"}
    )
    opener = urllib.request.build_opener(_NoRedirect)
    try:
        opener.open(request, timeout=patience).close()
    except urllib.error.HTTPError as answer:
        answer.close()
        if answer.code in {408, 425, 429} or answer.code >= 500:  # noqa: PLR2004 - the server's own trouble
            raise _LaterError(f"HTTP {answer.code}", _seconds(answer.headers.get("Retry-After"))) from None
        raise _RefusedError(f"HTTP {answer.code}") from None


def _seconds(text: str | None) -> float | None:
    return float(text) if text and text.isascii() and text.isdigit() else None


def _webhook(receiver: Receiver, notice: Notice, patience: float) -> None:
    _post(receiver, asdict(notice), patience)


_MARKUP: Final = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})


def _slack(receiver: Receiver, notice: Notice, patience: float) -> None:
    """Slack's incoming webhook: its three special characters are escaped, so that no name becomes a link or a ping."""
    title, text = (words.translate(_MARKUP) for words in (notice.title, notice.text))
    _post(receiver, {"text": f"*{title}*\n{text}"}, patience)


def _email(receiver: Receiver, notice: Notice, patience: float) -> None:
    options = receiver.options
    security = options.get("security", "starttls")
    connect = smtplib.SMTP_SSL if security == "tls" else smtplib.SMTP
    extra: dict[str, Any] = {"context": ssl.create_default_context()} if security == "tls" else {}
    try:
        with connect(options["host"], options.get("port", _PORTS[security]), timeout=patience, **extra) as server:
            if security == "starttls":
                server.starttls(context=ssl.create_default_context())
            if "user" in options:
                server.login(_secret(receiver, "user"), _secret(receiver, "password"))
            server.send_message(_letter(options, notice))
    except (smtplib.SMTPAuthenticationError, smtplib.SMTPNotSupportedError, smtplib.SMTPSenderRefused) as error:
        raise _RefusedError(_smtp_words(error)) from None
    except smtplib.SMTPRecipientsRefused as error:
        raise _LaterError(f"recipients refused: {', '.join(sorted(error.recipients))}") from None
    except smtplib.SMTPException as error:
        raise _LaterError(_smtp_words(error)) from None


def _smtp_words(error: smtplib.SMTPException) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        return f"SMTP {error.smtp_code} {error.smtp_error!r}"
    return str(error)


def _letter(options: Mapping[str, Any], notice: Notice) -> EmailMessage:
    letter = EmailMessage()
    letter["Subject"] = " ".join(notice.title.split())
    letter["From"] = options["from"]
    letter["To"] = ", ".join(options["recipients"])
    letter["X-Tracker-Notice"] = notice.key
    letter.set_content(f"{notice.text}\n\n{notice.link or ''}".rstrip() + "\n")
    return letter


def _command(receiver: Receiver, notice: Notice, patience: float) -> None:
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
        raise _LaterError(f"no end within {patience:g} seconds") from None
    except OSError as error:
        raise _RefusedError(f"cannot be run: {error.strerror}") from None
    if done.returncode:
        raise _LaterError(f"exit {done.returncode}: {done.stderr.strip()}")


def _file(receiver: Receiver, notice: Notice, _: float) -> None:
    path = receiver.root / receiver.options["path"]
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(asdict(notice), ensure_ascii=False) + "\n")


def _apprise(receiver: Receiver, notice: Notice, _: float) -> None:
    url = _secret(receiver, "url")
    try:
        import apprise  # noqa: PLC0415 - only where it is asked for
    except ModuleNotFoundError:
        raise _RefusedError("apprise is not installed; install tracker[notify]") from None
    sender = apprise.Apprise()
    if not sender.add(url):
        raise _RefusedError("apprise does not know this kind of address")
    if not sender.notify(title=notice.title, body=notice.text):
        raise _LaterError("apprise could not deliver")


_WAYS: Final[dict[str, Callable[[Receiver, Notice, float], None]]] = {
    "webhook": _webhook,
    "slack": _slack,
    "email": _email,
    "command": _command,
    "file": _file,
    "apprise": _apprise,
}
