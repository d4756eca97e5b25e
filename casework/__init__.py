"""The rules of a work-injury case as plain calculation."""
