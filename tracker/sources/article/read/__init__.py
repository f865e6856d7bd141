"""From the parts of a sentence to figures: each amount gets its metric, company and period, or a reason."""
