"""Which evaluators take no part in a call: those whose own firm, or one related to them, applies in it. Who scores a firm's rivals decides
on it as well."""

from collections.abc import Collection, Iterable

from services.evaluation.domain.assignment import Evaluator


def tied_to_call(evaluators: Iterable[Evaluator], relations: Collection[str], applicants: Collection[str]) -> frozenset[str]:
    """The ids of those who share a relation with any applicant of the call, or act for one. `relations`: the keyed hashes of all its
    applicants; `applicants`: the persons who acted for one.

    Source: Article 61 of the Financial Regulation, (EU, Euratom) 2018/1046 and its recast 2024/2509, which binds the authorities that carry
    out Union funds in shared management: nobody acts where own interests, direct or indirect, may come into conflict.
    """
    known = frozenset(relations)
    return frozenset(each.id for each in evaluators if each.id in applicants or not each.relations.isdisjoint(known))
