"""Builds minigrad._native: the C kernels, compiled once per (instruction set, float type), and the
Cython doors to them, linked into one extension module. Everything else is in pyproject.toml.

MINIGRAD_SANITIZE=1 builds with AddressSanitizer and UndefinedBehaviorSanitizer (csrc/README.md).
"""

from __future__ import annotations

import hashlib
import os
import platform
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy
from Cython.Build import cythonize
from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext

CSRC = Path("csrc")
SHARED = {"dispatch.c", "threads.c", "memory.c", "ufunc.c"}  # compiled once, for any CPU
OPTIMISE = ["-O3", "-std=gnu11", "-fno-math-errno", "-fno-trapping-math", "-ffp-contract=off"]
# Jump threading would turn two selects in a row (a clamp) back into branches.
OPTIMISE += ["-fno-thread-jumps", "-fvisibility=hidden", "-g0", "-Wall"]
INSTRUCTION_SETS = {
    "avx2": ["-mavx2", "-mfma"],
    "avx512": [
        *("-mavx512f", "-mavx512dq", "-mavx512bw", "-mavx512vl", "-mfma"),
        "-mprefer-vector-width=512",
    ],
}
SANITIZE = ["-fsanitize=address,undefined", "-fno-omit-frame-pointer", "-g", "-Og"]
DOORS = ["-O2", "-g0", "-fvisibility=hidden", "-Werror=incompatible-pointer-types"]
DOORS += ["-DNPY_NO_DEPRECATED_API=NPY_2_0_API_VERSION"]
# Not in setuptools' folder for objects, which is a new one each time for `pip install --editable`.
OBJECTS = Path("build", "objects")


class BuildNative(build_ext):
    """build_ext with one object per (source, instruction set, float type), kept between builds."""

    def build_extension(self, ext: Extension) -> None:
        self._check_compiler()
        sanitize = SANITIZE if os.environ.get("MINIGRAD_SANITIZE") == "1" else []
        openmp = ["-fopenmp"] if self._accepts(["-fopenmp"], "#include <omp.h>") else []
        if not openmp:
            print("minigrad: the compiler has no OpenMP; building for one thread", file=sys.stderr)
        variants = {"baseline": []}
        if platform.machine().lower() in ("x86_64", "amd64"):
            variants |= {n: f for n, f in INSTRUCTION_SETS.items() if self._accepts(f)}

        jobs = [(source, [*DOORS, *self._includes(), *sanitize]) for source in ext.sources]
        flags = [*OPTIMISE, *openmp, *sanitize]
        defines = [f"-DMG_HAVE_{name}" for name in variants]
        for source in sorted(CSRC.glob("*.c")):
            if source.name in SHARED:
                jobs.append((str(source), [*flags, *defines]))
                continue
            for isa, isa_flags in variants.items():
                for bits in (32, 64):
                    define = [f"-DMG_ISA={isa}", f"-DMG_FLOAT={bits}"]
                    jobs.append((str(source), [*flags, *isa_flags, *define]))

        headers = [*CSRC.glob("*.h"), *CSRC.glob("*.def")]
        newest_header = max(path.stat().st_mtime for path in headers)
        OBJECTS.mkdir(parents=True, exist_ok=True)

        def compile_one(job: tuple[str, list[str]]) -> str:
            source, arguments = job
            command = [*self.compiler.compiler_so, *arguments, "-c", source]
            digest = hashlib.sha256(repr(command).encode()).hexdigest()[:16]
            target = OBJECTS / f"{Path(source).stem}-{digest}.o"
            newest = max(os.stat(source).st_mtime, newest_header)
            if self.force or not target.exists() or target.stat().st_mtime <= newest:
                unfinished = target.with_suffix(".part")
                subprocess.run([*command, "-o", str(unfinished)], check=True)
                unfinished.replace(target)
            return str(target)

        cpus = len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count()
        with ThreadPoolExecutor(cpus) as pool:
            ext.extra_objects = list(pool.map(compile_one, jobs))
        ext.sources = []
        ext.depends = ext.extra_objects
        ext.extra_link_args = [*openmp, *sanitize] + ([] if sanitize else ["-Wl,-s"])
        super().build_extension(ext)

    def _accepts(self, flags: list[str], code: str = "") -> bool:
        """Whether the compiler compiles and links a small program with these flags."""
        with tempfile.TemporaryDirectory() as folder:
            source = Path(folder, "probe.c")
            source.write_text(f"{code}\nint main(void) {{ return 0; }}\n")
            command = [*self.compiler.compiler_so, *flags, str(source), "-o"]
            try:
                run = subprocess.run([*command, str(Path(folder, "probe"))], capture_output=True)
            except OSError:  # no such program
                return False
        return run.returncode == 0

    def _check_compiler(self) -> None:
        compiler = self.compiler.compiler_so[0]
        if not self._accepts([]):
            sys.exit(
                f"minigrad: no working C compiler ({compiler!r} failed). Install one: on Debian "
                "and Ubuntu `apt install gcc libc6-dev`, on Fedora `dnf install gcc`, on macOS "
                "`xcode-select --install`."
            )
        if not self._accepts(self._includes(), "#include <Python.h>"):
            sys.exit(
                "minigrad: Python's headers are missing. Install them: on Debian and Ubuntu "
                "`apt install python3-dev`, on Fedora `dnf install python3-devel`."
            )

    def _includes(self) -> list[str]:
        return [f"-I{path}" for path in (CSRC, numpy.get_include(), *self.include_dirs)]


setup(
    ext_modules=cythonize(
        [Extension("minigrad._native", ["minigrad/_native.pyx"])],
        build_dir="build",
        language_level=3,
        quiet=True,
    ),
    cmdclass={"build_ext": BuildNative},
)
