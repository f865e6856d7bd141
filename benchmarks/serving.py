"""Serving pages: `python benchmarks/serving.py PROJECT [SECONDS]`.

PROJECT is a folder with a warehouse, such as this repository after `./dev run`. "First page" is the time from the start
of the command until the list of companies is there. "Alone" is one client that asks for pages nobody has asked for
yet; "together" are 50 clients that ask for as many such pages, and for others that are kept. Memory is what the server
and its helper hold. Nothing is written, so no writer is at work.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import signal
import statistics
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import quote

CLIENTS = 50
RUNS = 5
SQL = "select metric, count(*) from yoy where fiscal_year <> {n} group by all"


def main(folder: str, seconds: float = 20) -> None:
    firsts = [measure_first_page(folder) for _ in range(RUNS)]
    print(
        f"first page: {1000 * statistics.median(firsts):.0f} ms (of {RUNS}: {min(firsts):.2f} to {max(firsts):.2f} s)"
    )
    process, port = start(folder)
    try:
        asyncio.run(ask(port, "/company/meta/capex"))
        alone = [asyncio.run(ask(port, fresh(n))) for n in range(24)]
        together = asyncio.run(ask_together(port, seconds))
        memory = sum(measure_memory(one) for one in [process.pid, *children_of(process.pid)])
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(20)
    lone, slow = statistics.median(alone), sorted(together)[int(0.95 * len(together))]
    print(f"alone: {1000 * lone:.0f} ms (median of {len(alone)})")
    print(
        f"together: {len(together)} replies in {seconds:g} s, p95 {1000 * slow:.0f} ms, {slow / lone:.1f} times alone"
    )
    print(f"memory: {memory >> 20} MB")


def fresh(number: int) -> str:
    """Return an address that nobody has asked for yet."""
    kinds = ("/?as_of=2024-{m:02}-{d:02}", "/company/meta?as_of=2024-{m:02}-{d:02}", "/sql?q={q}")
    day = {"m": 1 + number // 28 % 12, "d": 1 + number % 28, "q": quote(SQL.format(n=number))}
    return kinds[number % 3].format_map(day)


def start(folder: str) -> tuple[subprocess.Popen[str], int]:
    """Start the server; return it with its port once it answers."""
    command = [sys.executable, "-m", "tracker", "-C", folder, "serve", "--port", "0"]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    line = process.stderr.readline() if process.stderr else ""
    found = re.search(r":(\d+)/", line)
    if found is None:
        raise SystemExit(line)
    return process, int(found[1])


def measure_first_page(folder: str) -> float:
    began = time.monotonic()
    process, port = start(folder)
    asyncio.run(ask(port, "/"))
    took = time.monotonic() - began
    process.send_signal(signal.SIGINT)
    process.wait(20)
    return took


async def ask(port: int, address: str) -> float:
    """Ask on a connection of its own; return the seconds until the whole reply was there."""
    began = time.monotonic()
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"GET {address} HTTP/1.1\r\nHost: localhost:{port}\r\nConnection: close\r\n\r\n".encode())
    reply = await reader.read()
    writer.close()
    with contextlib.suppress(ConnectionError):
        await writer.wait_closed()
    if not reply.startswith(b"HTTP/1.1 200"):
        raise SystemExit(f"{address}: {reply[:300]!r}")
    return time.monotonic() - began


async def ask_together(port: int, seconds: float) -> list[float]:
    """Let all clients ask for so long: of ten pages one is asked for the first time."""
    end, took = time.monotonic() + seconds, []

    async def client(at: int) -> None:
        count = at
        while time.monotonic() < end:
            count += CLIENTS
            number = 100 + count if count % 10 == 0 else count % 24
            took.append(await ask(port, fresh(number)))
            await asyncio.sleep(0.5)

    await asyncio.gather(*(client(at) for at in range(CLIENTS)))
    return took


def children_of(process: int) -> list[int]:
    return [
        int(one) for task in Path(f"/proc/{process}/task").iterdir() for one in (task / "children").read_text().split()
    ]


def measure_memory(process: int) -> int:
    return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * 4096


if __name__ == "__main__":
    main(sys.argv[1], *map(float, sys.argv[2:3]))
