# Every target makes what it needs; on a fresh machine only Python 3.11 or newer and make are required.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: demo test quick fuzz check same bench gallery zoo docs dist clean

demo: $(STAMP)
	$(BIN)/descent demo

# Two workers with a thread each: more threads than cores would wait for each other.
test: $(STAMP)
	OMP_NUM_THREADS=1 OMP_WAIT_POLICY=PASSIVE $(BIN)/python -m pytest -n 2 --dist worksteal

# The tests of what is changed, or of one folder: make quick ROOM=viz/contour. tests/quick.py says which.
ROOM ?=
quick: $(STAMP)
	OMP_NUM_THREADS=1 OMP_WAIT_POLICY=PASSIVE $(BIN)/python tests/quick.py $(ROOM)

# Commands, recipes and files made at random, many of them: some hours.
FUZZ ?= 50000
fuzz: $(STAMP)
	DESCENT_FUZZ=$(FUZZ) OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n 2 tests/test_fuzz.py

# Types are checked on the installed wheel, as users get it: the folder's name is not the package's. It is built from
# nothing: modules that are gone would come back from an older build.
check: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	rm -rf build && mkdir -p build/check
	$(BIN)/python -m pip wheel --quiet --no-deps --no-build-isolation --wheel-dir build/check .
	$(BIN)/python -m pip install --quiet --no-deps --target build/check/site build/check/*.whl
	cd build/check/site && ../../../$(BIN)/mypy --config-file ../../../pyproject.toml -p descent
	$(BIN)/python -m pytest tests/test_structure.py

# Draws the same pictures with this tree and with the commit BASE and compares every byte: for moves of code.
BASE ?= HEAD
same: $(STAMP)
	$(BIN)/python tests/same_bytes.py $(BASE)

# SINCE is the commit that the speed of a GIF is compared with: the last one before its pictures were redrawn.
SINCE ?= 59e6d5f
bench: $(STAMP)
	$(BIN)/python benchmarks/animation.py --base $(SINCE)
	$(BIN)/python benchmarks/video.py
	$(BIN)/python benchmarks/processes.py
	$(BIN)/python benchmarks/batch.py
	$(BIN)/python benchmarks/growth.py
	$(BIN)/python benchmarks/tried.py
	$(BIN)/python benchmarks/explore.py
	$(BIN)/python benchmarks/conformance.py
	$(BIN)/python -m pip install --quiet --group bench
	$(BIN)/python benchmarks/landscape.py

# The pictures of the README, each under 400 kB.
GALLERY := outputs/gallery
COMPARE := $(BIN)/descent compare
gallery: $(STAMP)
	$(BIN)/descent demo --size 700x450 --out $(GALLERY)/beale.gif
	$(COMPARE) quadratic:condition=20 -o sgd --lr 0.01,0.05,0.09,0.102 --start=-4,2 --steps 40 \
		--size 800x500 --max-size 390kB --out $(GALLERY)/rates.gif
	$(COMPARE) himmelblau -o sgd:lr=0.01 -o adam:lr=0.3 -o rmsprop:lr=0.1 -o sgd:lr=0.05 \
		--start=-0.27,-0.95 --steps 80 --theme dark --size 800x500 --out $(GALLERY)/himmelblau.png
	$(BIN)/descent sweep quadratic:condition=20 --lr 1e-4:1:25 --size 800x500 --out $(GALLERY)/sweep.png
	$(BIN)/descent diagnose adagrad sgd:momentum=0.9 --beside sgd,adam,rmsprop --size 960x640 \
		--out $(GALLERY)/diagnosis.png
	$(BIN)/descent basins himmelblau -o adam:lr=0.1 -o sgd:lr=0.01 --starts 256 --size 800x500 \
		--out $(GALLERY)/basins.png
	$(COMPARE) mlp --data moons -o sgd:lr=0.1 -o sgd:lr=0.1,momentum=0.9 -o adam:lr=0.01 --epochs 20 \
		--size 800x500 --fps 20 --seconds 4 --max-size 390kB --out $(GALLERY)/moons.gif
	$(COMPARE) mlp784 -o sgd:lr=0.1 -o adam:lr=0.001 -o adam:lr=0.5 --epochs 10 --theme dark \
		--out $(GALLERY)/digits.png
	$(COMPARE) mlp:hidden=16 --data moons --loss mse --batch-size all --epochs 800 -o sgd --lr 0.2,0.35,0.5 \
		--sharpness --panels sharpness,loss,contour --snapshots 400 --size 800x500 --out $(GALLERY)/sharpness.png
	$(BIN)/descent sweep mlp --data moons --lr 1e-4:10:25 -o adam -o sgd --size 800x500 \
		--out $(GALLERY)/network-rates.png
	$(COMPARE) mlp --data moons --rising 1e-5:10 --size 800x500 --theme dark --out $(GALLERY)/rising.png
	$(COMPARE) mlp --data moons -o sgd:lr=0.5 -o adam:lr=0.03 --epochs 10 --field-of train,val,metric \
		--size 800x500 --out $(GALLERY)/fields.png
	$(COMPARE) factorization --size 800x500 --fps 20 --seconds 4 --max-size 390kB --out $(GALLERY)/factorization.gif
	$(COMPARE) memory --out $(GALLERY)/memory.png
	$(COMPARE) procrustes --theme dark --out $(GALLERY)/procrustes.png
	$(COMPARE) rosenbrock:dim=10 -o sgd:lr=1e-4 -o adam:lr=0.2 -o lbfgs:lr=0.5 --steps 300 --size 800x500 \
		--out $(GALLERY)/dimensions.png
	$(COMPARE) linear --data line -o sgd --lr 0.001,0.1,1.1 --size 800x500 --out $(GALLERY)/line.gif
	$(COMPARE) parabola -o sgd --lr 0.1,0.9,2.1 --steps 20 --grid lr --size 900x400 --fps 4 \
		--out $(GALLERY)/parabola.gif
	$(COMPARE) double_well -o sgd:lr=0.02 -o sgd:lr=0.02,momentum=0.9 --steps 60 --fps 12 --size 800x500 \
		--max-size 390kB --out $(GALLERY)/double-well.gif
	$(COMPARE) quadratic:condition=20 -o sgd:lr=0.02,momentum=0.9 -o adam:lr=0.3 --start=-4,2 --steps 60 \
		--arrows gradient,step,momentum,adam --field --size 800x500 --max-size 390kB --out $(GALLERY)/arrows.gif
	$(COMPARE) himmelblau -o sgd:lr=0.01 -o adam:lr=0.3 -o rmsprop:lr=0.1 --start=-0.27,-0.95 --steps 80 \
		--panels surface3d,loss --size 800x500 --out $(GALLERY)/surface.png
	$(COMPARE) beale -o sgd:lr=0.004,momentum=0.9 -o adam:lr=0.3 --start 1,1.5 --steps 90 \
		--panels surface3d --orbit --size 480x320 --fps 15 --max-size 390kB --out $(GALLERY)/orbit.webp
	$(COMPARE) rosenbrock -o sgd:lr=0.001,momentum=0.9 -o adam:lr=0.1@cosine \
		-o rmsprop:lr=0.02@step:step_size=60,gamma=0.3 --panels contour,loss,lr,gradient \
		--out $(GALLERY)/panels.png
	$(COMPARE) beale -o sgd -o adam --lr 0.003,0.03,0.3 --start 1,1.5 --steps 100 --grid optimizer,lr \
		--size 800x500 --out $(GALLERY)/grid.png
	$(COMPARE) rosenbrock -o sgd:lr=0.001,momentum=0.9 -o adam:lr=0.1 --steps 150 --strip 5 --theme print \
		--size 1000x380 --out $(GALLERY)/strip.png
	$(COMPARE) ackley -o sgd:lr=0.01 -o adam:lr=0.3 -o rmsprop:lr=0.1 --theme slides --size slide \
		--max-size 390kB --out $(GALLERY)/slides.png
	$(COMPARE) beale -o sgd:lr=0.01 -o adam:lr=0.1 -o rmsprop:lr=0.05 --start 1,1.5 --pace early \
		--size 800x500 --out $(GALLERY)/player.html

# The site of the documentation, with its own figures; links within it and names that are not there are errors.
docs: $(STAMP)
	OMP_NUM_THREADS=1 $(BIN)/python -m sphinx -q -W --keep-going -j 2 -b html docs docs/_build/html
	@echo docs/_build/html/index.html

# What a package index gets, tried in an environment of its own; URL is where links of its README lead.
URL ?=
dist: $(STAMP)
	OMP_NUM_THREADS=1 $(BIN)/python tests/release.py $(URL)

# Optimizers of thirteen packages: each held to its own loop, and the pictures of docs/zoo.md. Nothing is compiled.
zoo: $(STAMP)
	$(BIN)/python -m pip install --quiet --group zoo
	TORCHDYNAMO_DISABLE=1 DESCENT_ZOO=1 OMP_NUM_THREADS=1 $(BIN)/python -m pytest \
		tests/trajectories/descent/test_packages.py
	OMP_NUM_THREADS=1 $(BIN)/python docs/zoo.py

# torch first: where a CPU build of this version is at hand, nothing larger is fetched.
$(STAMP): pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed, this is " + sys.version.split()[0]) if sys.version_info < (3, 11) else None'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade "pip>=25.1" "setuptools>=77"
	$(BIN)/python -m pip install --quiet torch==2.13.0 || $(BIN)/python -m pip install --quiet torch
	$(BIN)/python -m pip install --quiet --no-build-isolation --editable . --group dev
	touch $(STAMP)

clean:
	rm -rf $(VENV) build dist *.egg-info
