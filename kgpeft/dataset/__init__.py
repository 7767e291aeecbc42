"""From a knowledge graph to questions, answers and the facts that support them."""
