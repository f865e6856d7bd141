"""Answer questions in SQL that a stranger wrote: from copies, without rights, within limits."""
