"""A missing extra says how to install it."""

from __future__ import annotations

import subprocess
import sys

import pytest


@pytest.mark.parametrize(
    ("command", "package", "extra"),
    [("serve", "starlette", "serve"), ("serve", "uvicorn", "serve"), ("mcp", "mcp", "mcp"), ("mcp", "uvicorn", "mcp")],
)
def test_a_missing_package_names_its_extra(command: str, package: str, extra: str) -> None:
    script = f"import sys\nsys.modules[{package!r}] = None\nfrom tracker import cli\ncli.main([{command!r}])"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"tracker: this needs the extra packages: pip install 'tracker[{extra}]'\n"
