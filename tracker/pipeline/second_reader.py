"""Make the second reader of articles that a project or a command names."""

from __future__ import annotations

import os
from functools import partial
from typing import TYPE_CHECKING, Final

from tracker.errors import UsageError
from tracker.sources.article.endpoint import Endpoint, propose

if TYPE_CHECKING:
    from tracker.pipeline.extract import SecondReader
    from tracker.project import Project

__all__ = ["ENDPOINT", "make_second_reader"]

#: The environment variable with the address of the model, where the settings name none.
ENDPOINT: Final = "TRACKER_MODEL_ENDPOINT"


def make_second_reader(project: Project | None, model: str | None) -> SecondReader | None:
    """Return a function that asks the named model, else the one of the settings; None if there is neither.

    Raises:
        UsageError: neither the settings nor the environment give the address of the model.

    """
    name = model or (project.model if project else None)
    url = (project.model_endpoint if project else None) or os.environ.get(ENDPOINT, "").strip()
    if not name:
        return None
    if not url:
        raise UsageError(f'the model {name} has no address; set endpoint = "http://..." under [extract], or {ENDPOINT}')
    return partial(propose, Endpoint.from_environment(url, name))
