"""Refutes an SMT query over 256-bit words by taking them for integers: where words are multiplied and divided, a solver for
bits drowns, and one for integers needs a second.

Every word becomes an integer between 0 and a bound of its own; sums and products that stay below 2^n by those bounds need no
modulus. What is not understood here becomes an integer, or a truth value, about which nothing is known. So there may be more
models than there should be, never fewer: "unsat" is a proof, and anything else is reported as "unknown".
"""
import sys
from itertools import count

import z3


class Integers:
    def __init__(self) -> None:
        self.facts: list[z3.BoolRef] = []
        self.words: dict[int, tuple[z3.ArithRef, int]] = {}
        self.divisions: dict[tuple[int, int], tuple[z3.ArithRef, z3.ArithRef]] = {}
        self.truths: dict[int, z3.BoolRef] = {}
        self.bounds: dict[int, int] = {}
        # Terms that are at most another, by what is asserted.
        self.above: dict[int, list[z3.ExprRef]] = {}
        self.numbers = count()
        # Terms are known by their ids, which are free again when a term is dropped.
        self.kept: list[z3.ExprRef] = []

    def bound(self, assertion: z3.BoolRef) -> None:
        """Notes what an assertion says a term is at most: its high bits are 0."""
        if z3.is_and(assertion):
            for child in assertion.children():
                self.bound(child)
            return
        self.compare(assertion)
        if not z3.is_eq(assertion) or not z3.is_bv(assertion.arg(0)):
            return
        for x, y in (assertion.children(), assertion.children()[::-1]):
            if is_extract(x) and z3.is_bv_value(y) and y.as_long() == 0 and x.params()[0] == x.arg(0).size() - 1:
                self.note(x.arg(0), 2 ** x.params()[1] - 1)
            if is_concat(y) and z3.is_bv_value(y.arg(0)) and y.arg(0).as_long() == 0:
                self.note(x, 2 ** (y.size() - y.arg(0).size()) - 1)

    def compare(self, assertion: z3.BoolRef) -> None:
        """Notes what an assertion says is at most something else: mostly a difference, at most what it was taken from."""
        denied = z3.is_not(assertion)
        order = assertion.arg(0) if denied else assertion
        kind = order.decl().kind()
        if kind in ((z3.Z3_OP_UGT, z3.Z3_OP_UGEQ) if denied else (z3.Z3_OP_ULT, z3.Z3_OP_ULEQ)):
            low, high = order.children()
        elif kind in ((z3.Z3_OP_ULT, z3.Z3_OP_ULEQ) if denied else (z3.Z3_OP_UGT, z3.Z3_OP_UGEQ)):
            high, low = order.children()
        else:
            return
        self.kept += [low, high]
        self.above.setdefault(low.get_id(), []).append(high)

    def note(self, term: z3.ExprRef, bound: int) -> None:
        self.kept.append(term)
        self.bounds[term.get_id()] = min(bound, self.bounds.get(term.get_id(), bound))

    def unknown(self, bound: int) -> tuple[z3.ArithRef, int]:
        x = z3.Int(f"x{next(self.numbers)}")
        self.facts += [x >= 0, x <= bound]
        return x, bound

    def word(self, term: z3.ExprRef) -> tuple[z3.ArithRef, int]:
        """The integer of a term, and what it is at most."""
        if term.get_id() not in self.words:
            self.kept.append(term)
            self.words[term.get_id()] = self.translate(term)
            limits = [self.word(other)[1] for other in self.above.get(term.get_id(), [])]
            x, most = self.words[term.get_id()]
            self.words[term.get_id()] = x, min([most, self.bounds.get(term.get_id(), most), *limits])
        return self.words[term.get_id()]

    def translate(self, term: z3.ExprRef) -> tuple[z3.ArithRef, int]:
        size = term.size()
        top = 2**size - 1
        kind = term.decl().kind()
        if kind == z3.Z3_OP_BNUM:
            return z3.IntVal(term.as_long()), term.as_long()
        if kind == z3.Z3_OP_UNINTERPRETED and term.num_args() == 0:
            return self.unknown(min(top, self.bounds.get(term.get_id(), top)))
        if kind == z3.Z3_OP_ITE:
            (a, most_a), (b, most_b) = self.word(term.arg(1)), self.word(term.arg(2))
            return z3.If(self.truth(term.arg(0)), a, b), max(most_a, most_b)
        if kind == z3.Z3_OP_EXTRACT:
            high, low = term.params()
            x, most = self.word(term.arg(0))
            if low > 0:
                (x, _), most = self.divide(x, most, z3.IntVal(2**low), 2**low), most >> low
            return self.cut(x, most, high - low + 1)
        operands = [self.word(child) for child in term.children() if z3.is_bv(child)]
        if kind == z3.Z3_OP_CONCAT:
            value, bound = operands[0]
            for (x, most), child in zip(operands[1:], term.children()[1:]):
                value, bound = value * 2 ** child.size() + x, (bound << child.size()) + most
            return value, bound
        if kind == z3.Z3_OP_BADD:
            return self.add(term, size)
        if kind == z3.Z3_OP_BMUL:
            value, bound = operands[0]
            for x, most in operands[1:]:
                product = value * x
                # Linear in one factor each: so the solver need not find out by itself how large a product can be.
                self.facts += [product <= value * most, product <= x * bound]
                value, bound = product, bound * most
            return self.cut(value, bound, size)
        if kind == z3.Z3_OP_BSUB and len(operands) == 2:
            (a, most), (b, _) = operands
            return z3.If(a >= b, a - b, a - b + 2**size), top
        if kind == z3.Z3_OP_BNOT:
            return top - operands[0][0], top
        if kind in (z3.Z3_OP_BUDIV, z3.Z3_OP_BUDIV_I):
            (a, most), (b, most_b) = operands
            quotient, _ = self.divide(a, most, b, most_b)
            return z3.If(b == 0, z3.IntVal(top), quotient), top
        if kind in (z3.Z3_OP_BUREM, z3.Z3_OP_BUREM_I):
            (a, most), (b, most_b) = operands
            _, rest = self.divide(a, most, b, most_b)
            return z3.If(b == 0, a, rest), most
        return self.unknown(top)

    def add(self, term: z3.ExprRef, size: int) -> tuple[z3.ArithRef, int]:
        """A sum, where a factor of nearly 2^size stands for a negative one."""
        total, least, most = z3.IntVal(0), 0, 0
        for child in term.children():
            factor, rest = self.negative(child, size)
            x, most_x = self.word(rest)
            total = total + factor * x if factor != 1 else total + x
            least, most = (least + factor * most_x, most) if factor < 0 else (least, most + factor * most_x)
        if least < 0:
            if least < -(2**size) or most >= 2**size:
                return self.divide(total - least // 2**size * 2**size, most - least, z3.IntVal(2**size), 2**size)[1], 2**size - 1
            return z3.If(total < 0, total + 2**size, total), 2**size - 1
        return self.cut(total, most, size)

    @staticmethod
    def negative(term: z3.ExprRef, size: int) -> tuple[int, z3.ExprRef]:
        if term.decl().kind() == z3.Z3_OP_BMUL and term.num_args() == 2 and z3.is_bv_value(term.arg(0)):
            factor = term.arg(0).as_long()
            if factor >= 2 ** (size - 1):
                return factor - 2**size, term.arg(1)
        return 1, term

    def cut(self, x: z3.ArithRef, most: int, size: int) -> tuple[z3.ArithRef, int]:
        """x modulo 2^size."""
        if most < 2**size:
            return x, most
        return self.divide(x, most, z3.IntVal(2**size), 2**size)[1], 2**size - 1

    def divide(self, a: z3.ArithRef, most: int, b: z3.ArithRef, most_b: int) -> tuple[z3.ArithRef, z3.ArithRef]:
        """Quotient and rest, about which nothing is said where b is 0."""
        if a.decl().kind() == z3.Z3_OP_MUL and a.num_args() == 2 and not z3.is_int_value(b):
            for factor, other in (a.children(), a.children()[::-1]):
                if factor.eq(b):
                    return other, z3.IntVal(0)
        key = (a.get_id(), b.get_id())
        if key not in self.divisions:
            self.kept += [a, b]
            least_b = b.as_long() if z3.is_int_value(b) else 1
            (quotient, _), (rest, _) = self.unknown(most // max(least_b, 1)), self.unknown(max(most_b - 1, 0))
            self.facts.append(z3.Or(b == 0, z3.And(a == quotient * b + rest, rest < b)))
            self.divisions[key] = quotient, rest
        return self.divisions[key]

    def truth(self, term: z3.ExprRef) -> z3.BoolRef:
        if term.get_id() not in self.truths:
            self.kept.append(term)
            self.truths[term.get_id()] = self.judge(term)
        return self.truths[term.get_id()]

    def judge(self, term: z3.ExprRef) -> z3.BoolRef:
        kind = term.decl().kind()
        logical = {z3.Z3_OP_AND: z3.And, z3.Z3_OP_OR: z3.Or, z3.Z3_OP_NOT: z3.Not, z3.Z3_OP_IMPLIES: z3.Implies}
        if kind in logical:
            return logical[kind](*(self.truth(child) for child in term.children()))
        if kind in (z3.Z3_OP_TRUE, z3.Z3_OP_FALSE):
            return term
        compared = term.num_args() == 2 and z3.is_bv(term.arg(0))
        orders = {
            z3.Z3_OP_EQ: lambda a, b: a == b, z3.Z3_OP_DISTINCT: lambda a, b: a != b,
            z3.Z3_OP_ULEQ: lambda a, b: a <= b, z3.Z3_OP_ULT: lambda a, b: a < b,
            z3.Z3_OP_UGEQ: lambda a, b: a >= b, z3.Z3_OP_UGT: lambda a, b: a > b,
        }
        if compared and kind in orders:
            return orders[kind](self.word(term.arg(0))[0], self.word(term.arg(1))[0])
        if kind in (z3.Z3_OP_EQ, z3.Z3_OP_IFF) and z3.is_bool(term.arg(0)):
            return self.truth(term.arg(0)) == self.truth(term.arg(1))
        if kind == z3.Z3_OP_ITE:
            return z3.If(*(self.truth(child) for child in term.children()))
        return z3.Bool(f"b{next(self.numbers)}")


def is_extract(term: z3.ExprRef) -> bool:
    return z3.is_app(term) and term.decl().kind() == z3.Z3_OP_EXTRACT


def is_concat(term: z3.ExprRef) -> bool:
    return z3.is_app(term) and term.decl().kind() == z3.Z3_OP_CONCAT


def main(path: str) -> None:
    integers = Integers()
    assertions = list(z3.parse_smt2_file(path))
    for assertion in assertions:
        integers.bound(assertion)
    goals = [integers.truth(assertion) for assertion in assertions]
    solver = z3.SimpleSolver()
    solver.add(*goals, *integers.facts)
    print("unsat" if solver.check() == z3.unsat else "unknown")


main(sys.argv[1])
