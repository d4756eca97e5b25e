"""An import contract of our own: a package that may reach only what is listed for it."""

import sys

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output


class ReachesOnly(Contract):
    """The named packages import themselves, the standard library and what ``allowed`` lists.

    A package in parentheses need not exist yet.
    """

    type_name = "reaches_only"

    modules = fields.ListField(subfield=fields.StringField())
    allowed = fields.ListField(subfield=fields.StringField(), required=False)

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        del verbose  # the answer is short enough as it is
        strays = sorted(
            (importer, imported)
            for package in _present(self.modules, graph)
            for importer in {package, *graph.find_descendants(package)}
            for imported in graph.find_modules_directly_imported_by(importer)
            if not _within(imported, package) and not self._may_reach(imported)
        )
        return ContractCheck(kept=not strays, metadata={"strays": strays})

    def render_broken_contract(self, check: ContractCheck) -> None:
        for importer, imported in check.metadata["strays"]:
            output.print_error(f"{importer} may not import {imported}", bold=False)
        output.new_line()

    def _may_reach(self, imported: str) -> bool:
        if imported.split(".")[0] in sys.stdlib_module_names:
            return True
        return any(_within(imported, allowed) for allowed in self.allowed or ())


def _present(names: list[str], graph: ImportGraph) -> list[str]:
    """Return the packages to look at; grimp refuses the name of one that does not exist."""
    return [
        name.strip("()") for name in names if not name.startswith("(") or name.strip("()") in graph.modules
    ]


def _within(module: str, package: str) -> bool:
    return module == package or module.startswith(package + ".")
