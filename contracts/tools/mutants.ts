/**
 * Faults that the proofs must find: each is put into a copy of the sources, and the proof named beside it must then fail: with a
 * counterexample, or, where the solvers find none in their time, by not being proved any more, for which the audit fails just as well.
 * A proof that holds whatever the code does proves nothing.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { attempt, forgeBuild, halmosArgs, makeProject, pythonBin } from './proofs.ts'

interface Mutant {
  /** In contracts/src. */
  file: string
  from: string
  to: string
  /** Contract of contracts/proofs, and its functions less "check_". */
  proofs: Readonly<Record<string, readonly string[]>>
}

const rewards = 'libraries/Rewards.sol'
const vault = 'delegation/DelegationVault.sol'

export const MUTANTS: readonly Mutant[] = [
  {
    file: rewards,
    from: 'whole == 0 ? 0 : FixedPointMathLib.fullMulDiv(amount, part, whole)',
    to: 'whole == 0 ? 0 : FixedPointMathLib.fullMulDiv(amount, part, whole) + 1',
    proofs: { PoolsProofs: ['shareWithinPool', 'shareRoundsDown', 'sharesAddUp', 'onePaymentMore'] },
  },
  {
    file: rewards, from: 'validators = base + FixedPointMathLib', to: 'validators = base + 1 + FixedPointMathLib',
    proofs: { PoolsProofs: ['poolsAreTheReward'] },
  },
  {
    file: rewards, from: 'FixedPointMathLib.rpow(q, rank - 1, WAD)', to: '(WAD - FixedPointMathLib.rpow(q, rank, WAD))',
    proofs: { WeightProofs: ['firstRank', 'factorCounts', 'secondRank', 'thirdRank', 'fourthRank'] },
  },
  { file: rewards, from: 'power(weight, alpha), WAD)', to: 'type(uint128).max - power(weight, alpha), WAD)', proofs: { WeightProofs: ['stakeCounts'] } },
  { file: 'libraries/LockMultiplier.sol', from: 'return amount + amount', to: 'return amount', proofs: { WeightProofs: ['lockNeverWeighsLess'] } },
  { file: vault, from: '(total,) = _count();', to: 'total = 0;', proofs: { VaultPriceProofs: ['depositRoundsDown', 'mintRoundsUp'] } },
  {
    file: vault, from: 'Math.mulDiv(shares, _exitAssets() + 1, totalSupply() + 1)', to: '1 + Math.mulDiv(shares, _exitAssets() + 1, totalSupply() + 1)',
    proofs: { VaultPriceProofs: ['redeemRoundsDown', 'depositThenRedeem', 'mintThenRedeem'] },
  },
  { file: vault, from: 'idle += assets;', to: 'idle += 2 * assets + 1;', proofs: { VaultPriceProofs: ['depositThenWithdraw'] } },
  {
    file: vault, from: 'Math.mulDiv(assets, totalSupply() + 1, _exitAssets() + 1, Math.Rounding.Ceil)', to: 'Math.mulDiv(assets, totalSupply() + 1, _exitAssets() + 1)',
    proofs: { VaultPriceProofs: ['withdrawRoundsUp'] },
  },
  { file: 'libraries/Order.sol', from: 'isNumber(score) && isNumber(base) && score / step_', to: 'isNumber(score) && score / step_', proofs: { WeightProofs: ['onlyNumbersWin'] } },
  { file: 'libraries/Clocks.sol', from: 'if (time < end + c.dispute)', to: 'if (time <= end + c.dispute)', proofs: { PhaseProofs: ['phasesEndOnTime'] } },
  { file: 'libraries/Clocks.sol', from: 'if (time < end) return Phase.Pending;', to: 'if (time < end) return Phase.Final;', proofs: { PhaseProofs: ['phasesNeverGoBack'] } },
  { file: 'libraries/Consensus.sol', from: 'add(half, ONES)', to: 'half', proofs: { MedianStepProofs: ['verify0'] } },
  { file: 'libraries/Consensus.sol', from: '2 * from > w', to: '2 * from >= w', proofs: { MedianProofs: ['medianInvalid'] } },
  { file: vault, from: 'total = idle;', to: 'total = IERC20(asset()).balanceOf(address(this));', proofs: { VaultExitProofs: ['giftsCountForNothing'] } },
  { file: vault, from: 'idle -= assets;', to: 'idle -= shares;', proofs: { VaultExitProofs: ['leave'] } },
  { file: 'delegation/Distributions.sol', from: 'hasClaimed[number][account] = true;', to: '', proofs: { VaultExitProofs: ['claimOnce'] } },
  {
    file: 'delegation/Distributions.sol', from: '_balances[account].upperLookup(d.time), supply)', to: '_balances[account].upperLookup(d.time) + 1, supply)',
    proofs: { VaultExitProofs: ['partsRoundDown', 'strangersGetNothing'] },
  },
  { file: 'arena/Ranking.sol', from: 't.pool -= uint128(trainers + validators);', to: 't.pool -= uint128(trainers);', proofs: { PayoutProofs: ['givePools'] } },
  { file: 'arena/Ranking.sol', from: 't.carry + (uint256(t.pool) - t.carry)', to: 't.carry + uint256(t.pool)', proofs: { PayoutProofs: ['rewardWithinTask'] } },
  { file: 'arena/Ranking.sol', from: 'r.slashPot = 0;', to: '', proofs: { PayoutProofs: ['slashPot'] } },
  { file: 'arena/Payments.sol', from: '_credit(token, account, amount);', to: '_credit(token, account, amount + 1);', proofs: { PayoutProofs: ['payVoid'] } },
  { file: 'arena/Payments.sol', from: 'if (place == PAID) revert AlreadyPaid(taskId, round, i);', to: 'if (place == PAID) return;', proofs: { PayoutProofs: ['paidOnce'] } },
  { file: 'arena/Payments.sol', from: 'fundedBy[taskId][funder] = 0;', to: '', proofs: { PayoutProofs: ['refund'] } },
  { file: 'arena/Payments.sol', from: '_owed[token][account] = 0;', to: '', proofs: { ExitProofs: ['claim'] } },
  { file: 'arena/Stakes.sol', from: 's.amount -= amount;', to: '', proofs: { ExitProofs: ['unstake'] } },
  { file: 'arena/Delegation.sol', from: 'b.amount -= amount;', to: '', proofs: { ExitProofs: ['unback'] } },
  { file: 'arena/Delegation.sol', from: 's.stake = 0;', to: '', proofs: { ExitProofs: ['collectStake'] } },
  { file: 'arena/Delegation.sol', from: 's.bounty = 0;', to: '', proofs: { ExitProofs: ['collectBounty'] } },
]

/** Verdicts of Halmos that are not a proof, and what they say. */
const FOUND: Readonly<Record<string, string>> = { FAIL: 'counterexample', TIMEOUT: 'no proof any more' }

/**
 * Puts the faults in, one after the other.
 * @param only part of the name of the contracts whose proofs are asked; empty for all.
 * @throws naming the proofs that did not find their fault.
 */
export function killMutants(folder: string, only: string): void {
  makeProject(folder, false)
  const survivors: string[] = []
  for (const { file, from, to, proofs } of MUTANTS) {
    const path = join(folder, 'contracts', 'src', file)
    const source = readFileSync(path, 'utf8')
    if (source.split(from).length !== 2) throw new Error(`contracts/src/${file} has "${from}" ${source.split(from).length - 1} times; the mutant needs it once.`)
    writeFileSync(path, source.replace(from, to))
    for (const [contract, functions] of Object.entries(proofs).filter(([name]) => name.includes(only))) {
      const built = attempt('forge', forgeBuild('contracts/proofs'), folder)
      if (!built.ok) throw new Error(`A mutant of contracts/src/${file} does not compile:\n${built.output}`)
      const { output } = attempt(join(pythonBin, 'halmos'), ['--early-exit', ...halmosArgs(`check_(${functions.join('|')})`, `^${contract}$`, false)], folder)
      for (const name of functions) {
        const verdict = new RegExp(`\\[(\\w+)\\].* check_${name}\\(`).exec(output)?.[1] ?? 'not run'
        const found = FOUND[verdict]
        console.log(`${found ?? `NOT FOUND (${verdict})`}  ${contract}.${name}: ${file}: ${from} → ${to || '(nothing)'}`)
        if (!found) survivors.push(`${contract}.${name}`)
      }
    }
    writeFileSync(path, source)
  }
  if (survivors.length > 0) throw new Error(`These proofs did not fail on code that is wrong: ${survivors.join(', ')}.`)
}
