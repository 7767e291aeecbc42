"""What is trained: LoRA, the fact memory that reads facts through it, and the graph injection."""
