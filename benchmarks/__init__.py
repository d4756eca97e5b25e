"""Speed beside a floor and beside what a user would pick instead: ratios of one run, never timed tests."""
