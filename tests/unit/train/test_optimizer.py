"""The base's optimizer: two in one, and one state to save."""

from __future__ import annotations

import copy

import torch

from train.embedded.optimizer import MuonAdamW


def model() -> torch.nn.ModuleDict:
    torch.manual_seed(0)
    embed, inside, norm = torch.nn.Embedding(8, 4), torch.nn.Linear(4, 4), torch.nn.LayerNorm(4)
    return torch.nn.ModuleDict({"embed": embed, "inside": inside, "norm": norm})


def step(net: torch.nn.ModuleDict, optimizer: MuonAdamW) -> None:
    ids = torch.arange(8)
    loss = net["norm"](net["inside"](net["embed"](ids))).sin().sum()
    loss.backward()
    optimizer.step()
    optimizer.zero_grad()


def test_every_weight_moves_and_only_hidden_matrices_by_muon() -> None:
    net = model()
    before = copy.deepcopy(net.state_dict())
    optimizer = MuonAdamW(net, 0.01, 0.0)
    muon, adamw = optimizer.parts
    assert [p.shape for g in muon.param_groups for p in g["params"]] == [(4, 4)]
    assert sum(len(g["params"]) for g in adamw.param_groups) == 4
    step(net, optimizer)
    moved = {k: not torch.equal(v, before[k]) for k, v in net.state_dict().items()}
    assert all(moved.values()), moved


def test_a_schedule_reaches_both_and_a_saved_state_goes_on_the_same() -> None:
    whole, again = model(), model()
    one = MuonAdamW(whole, 0.01, 0.1)
    schedule = torch.optim.lr_scheduler.LambdaLR(one, lambda n: 1 / (n + 1))
    step(whole, one)
    schedule.step()
    assert [g["lr"] for part in one.parts for g in part.param_groups] == [0.005, 0.005]
    again.load_state_dict(whole.state_dict())
    two = MuonAdamW(again, 0.01, 0.1)
    two.load_state_dict(copy.deepcopy(one.state_dict()))
    assert [g["lr"] for g in two.param_groups] == [0.005, 0.005]
    step(whole, one)
    step(again, two)
    for a, b in zip(whole.parameters(), again.parameters(), strict=True):
        assert torch.equal(a, b)
