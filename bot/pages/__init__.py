"""The employee's page: one notice, shown to the person it is for, and the buttons to answer it."""
