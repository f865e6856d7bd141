"""What the SEC publishes of a company: company facts, submissions, lists of names, and the client that fetches them."""
