"""Results as text that a language model reads at the lowest token cost, and as charts that a person looks at."""
