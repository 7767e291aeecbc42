"""Question files, the deterministic grader, statistics, and the report."""
