"""What the SEC publishes about companies (company facts, filings, submissions, lists of names), and its client."""
