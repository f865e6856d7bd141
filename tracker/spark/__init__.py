"""The same tables and the same derivation on Spark, for those who outgrow one machine.

`attach` defines the tables and views of a warehouse in a Spark session, with their twins `<view>_as_of(t)`. `derive`
and `ingest` do the work of the commands of these names in the executors, and commit from the driver. The driver and all
executors must see the warehouse under the same path, and have tracker installed. This needs the extra `spark` and Java
17.
"""

from __future__ import annotations

from tracker.spark.attach import Attached, attach
from tracker.spark.jobs import derive, ingest

__all__ = ["Attached", "attach", "derive", "ingest"]
