"""Stage 1 on a few rows without dropout, whose noise differs between processes.

usage: python -m tests.training.without_dropout OUTPUT
"""

import sys
from dataclasses import replace
from pathlib import Path

from hera.refs import Ref
from train import stage1
from train.recipe import TrainingRun

if __name__ == "__main__":
    recipe = replace(stage1.RECIPE, samples=40, dropout=0.0)
    embedded = Ref.of("embedded")
    run = TrainingRun("stage1", embedded, embedded, Path(sys.argv[1]), recipe)
    stage1.train_stage1(run, probes=False)
