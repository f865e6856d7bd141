"""An article as text: one spelling, sentences, digits, brackets, and the words of thirteen languages."""
