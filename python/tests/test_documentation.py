"""Examples run, every public name is documented and typed, and the stub says what the compiled part has."""

import ast
import doctest
import importlib
import inspect
import pathlib
import re
import subprocess
import sys

import pytest

import topoforge

PACKAGE = pathlib.Path(topoforge.__file__).parent
ROOT = pathlib.Path(__file__).resolve().parents[2]
MODULES = sorted(path.stem for path in PACKAGE.glob("*.py") if path.stem != "__init__")


def module_named(name):
    if name == "transformers":
        pytest.importorskip("sklearn", reason="scikit-learn is not installed")
    return importlib.import_module(f"topoforge.{name}")


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_of_the_docstrings_hold(name):
    assert doctest.testmod(module_named(name)).failed == 0


def test_the_examples_of_the_readme_hold():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    sessions = re.findall(r"^```pycon\n(.*?)^```", readme, re.M | re.S)
    assert sessions
    for session in sessions:
        example = doctest.DocTestParser().get_doctest(session, {}, "README.md", "README.md", 0)
        assert example.examples
        assert doctest.DocTestRunner().run(example).failed == 0


def public_callables():
    """(name, object, whether its parameters are the class's) of all that users may call."""
    for module in (topoforge, module_named("transformers")):
        for name in module.__all__:
            value = getattr(module, name)
            if callable(value):
                yield name, value
            if inspect.isclass(value) and not issubclass(value, Exception):
                for member, function in vars(value).items():
                    if not member.startswith("_") and inspect.isfunction(function):
                        yield f"{name}.{member}", function


def test_every_public_name_is_documented():
    seen = 0
    for name, value in public_callables():
        text = inspect.getdoc(value) or ""
        assert text, f"{name} has no docstring"
        if inspect.isclass(value) and (issubclass(value, (Exception, dict, tuple))):
            continue
        parameters = [one for one in inspect.signature(value).parameters if one != "self"]
        body = text.partition("Parameters\n-")[2]
        for parameter in parameters:
            assert re.search(rf"^(?:[\w, ]*, )?\**{parameter}(?:, [\w, ]*)? : ", body, re.M), f"{name}: {parameter}"
        if not inspect.isclass(value) and inspect.signature(value).return_annotation not in (None, "None"):
            assert "Returns\n-------" in text, f"{name} does not say what it returns"
        seen += 1
    assert seen > 30


def declarations(source):
    """The names of parameters by function, and the names of constants, of a stub."""
    found = {}

    def visit(nodes, prefix):
        for node in nodes:
            if isinstance(node, ast.ClassDef):
                visit(node.body, f"{prefix}{node.name}.")
            elif isinstance(node, ast.FunctionDef):
                found[prefix + node.name] = [argument.arg for argument in node.args.args]
            elif isinstance(node, ast.AnnAssign):
                found[prefix + node.target.id] = None

    visit(ast.parse(source).body, "")
    return found


def test_the_stub_says_what_the_compiled_part_has():
    stubgen = pytest.importorskip("nanobind.stubgen", reason="nanobind is not installed")
    generator = stubgen.StubGen(topoforge._core)
    generator.put(topoforge._core)
    assert declarations((PACKAGE / "_core.pyi").read_text(encoding="utf-8")) == declarations(generator.get())


def test_types_are_complete_and_agree(tmp_path):
    pytest.importorskip("mypy", reason="mypy is not installed")
    assert (PACKAGE / "py.typed").exists()
    user = tmp_path / "user.py"
    user.write_text(
        "import numpy as np\n"
        "from topoforge import DiagramMatching, SlidingVietorisRips, match_diagrams, ripser\n"
        "stream = SlidingVietorisRips(50, max_dimension=1)\n"
        "stream.push([1.0, 2.0])\n"
        "loops: np.ndarray[tuple[int, ...], np.dtype[np.float64]] = stream.diagram()[1]\n"
        "edges: int = ripser(np.zeros((3, 2)), maxdim=2)['num_edges']\n"
        "matching: DiagramMatching = match_diagrams(loops, [[0, 1]])\n",
        encoding="utf-8",
    )
    done = subprocess.run([sys.executable, "-m", "mypy", "--config-file", str(ROOT / "pyproject.toml"),
                           "--cache-dir", str(tmp_path / "cache"), "-p", "topoforge"],
                          cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    done = subprocess.run([sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(tmp_path / "cache"), str(user)],
                          cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_version_is_that_of_the_library():
    cmake = (ROOT / "CMakeLists.txt").read_text(encoding="utf-8")
    assert f"project(topoforge VERSION {topoforge.__version__} " in cmake
