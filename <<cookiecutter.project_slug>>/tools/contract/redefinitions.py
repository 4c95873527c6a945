"""Typed dictionaries that give a key of their base another type, which Python's types do not allow."""

import ast
import keyword

Keys = dict[str, str]


def without_redefinitions(module: str) -> str:
    """Returns a module whose typed dictionaries have no base that they contradict.

    An `allOf` may name a property of its base again, to demand it or to allow fewer values; the dictionary
    then has the keys of its base itself.

    Args:
        module: the types of a contract, with each base before what is derived from it.
    """
    lines = module.splitlines(keepends=True)
    known: dict[str, Keys] = {}
    for node in ast.parse(module).body:
        match node:
            case ast.AnnAssign(target=ast.Name(name), value=ast.Name(other)):
                known[name] = known.get(other, {})
            case ast.Assign(targets=[ast.Name(name)], value=ast.Call(args=[_, ast.Dict() as keys])):
                known[name] = {
                    ast.literal_eval(key): ast.unparse(kind)
                    for key, kind in zip(keys.keys, keys.values, strict=True)
                    if key
                }
            case ast.ClassDef(name, end_lineno=int(end)):
                parts = [known.get(ast.unparse(base), {}) for base in node.bases] + [_own(node)]
                known[name] = {key: kind for part in parts for key, kind in part.items()}
                if any(part[key] != known[name][key] for part in parts for key in part):
                    # The other lines keep their numbers.
                    rest = [""] * (end - node.lineno)
                    lines[node.lineno - 1 : end] = [_written(name, known[name]), *rest]
    return "".join(lines)


def _own(node: ast.ClassDef) -> Keys:
    return {
        ast.unparse(field.target): ast.unparse(field.annotation)
        for field in node.body
        if isinstance(field, ast.AnnAssign)
    }


def _written(name: str, keys: Keys) -> str:
    if all(key.isidentifier() and not keyword.iskeyword(key) for key in keys):
        fields = "".join(f"    {key}: {kind}\n" for key, kind in keys.items())
        return f"class {name}(TypedDict):\n{fields}"
    fields = ", ".join(f"{key!r}: {kind}" for key, kind in keys.items())
    return f"{name} = TypedDict({name!r}, {{{fields}}})\n"
