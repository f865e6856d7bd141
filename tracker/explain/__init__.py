"""Why a number is what it is, and why it differs from an earlier one."""
