"""What stands in a sentence: amounts, periods, metrics, companies, claims, and the cells of tables."""
