/**
 * The contracts' custom errors in plain words: stable name, what happened, what to do.
 * Keys are the Solidity names (`contracts/src/Errors.sol`); a value gets the error's arguments in order.
 */
import { formatEther, hexToString, type Hex } from 'viem'
import { PHASES } from '../arena/phases.ts'

/** How one refusal is told to a person. */
export interface Explanation {
  name: string
  message: string
  advice: string
}

type Explain = (args: readonly unknown[]) => Explanation

const RELOAD = 'Reload the task\'s state and look at what has been done already.'

const tokens = (value: unknown): string => (typeof value === 'bigint' ? formatEther(value) : String(value))
const phase = (value: unknown): string => PHASES[Number(value)] ?? String(value)
const role = (value: unknown): string => ['none', 'trainer', 'validator'][Number(value)] ?? String(value)
const time = (seconds: unknown): string => new Date(Number(seconds) * 1000).toISOString().replace('T', ' ').slice(0, 16) + ' UTC'
/** Rounds are shown from 1. */
const roundOf = (round: unknown): string => `round ${Number(round) + 1}`

const explain = (name: string, message: (args: readonly unknown[]) => string, advice: string | ((args: readonly unknown[]) => string)): Explain =>
  args => ({ name, message: message(args), advice: typeof advice === 'string' ? advice : advice(args) })

export const contractErrors: Record<string, Explain | undefined> = {
  ERC20InsufficientBalance: explain('InsufficientBalanceError',
    ([, balance, needed]) => `The account holds ${tokens(balance)} tokens; ${tokens(needed)} are needed.`,
    'Get tokens (from the faucet on a test network) or choose a smaller amount.'),
  ERC20InsufficientAllowance: explain('InsufficientAllowanceError',
    ([, allowance, needed]) => `The arena may move ${tokens(allowance)} of the account's tokens; ${tokens(needed)} are needed.`,
    'Approve the amount first.'),
  SafeERC20FailedOperation: explain('TokenFailedError',
    ([token]) => `The token ${String(token)} refused the transfer.`, 'Check the balance, and that the token lets this account transfer.'),

  AboveLimit: explain('AboveLimitError', ([amount, limit]) => `The faucet gives at most ${tokens(limit)} tokens at a time, not ${tokens(amount)}.`,
    'Draw less, or several times.'),
  TooLong: explain('TooLongError', ([length, limit]) => `The addresses take ${String(length)} bytes; ${String(limit)} are allowed.`,
    'Register fewer addresses.'),

  NoSuchTask: explain('NoSuchTaskError', ([task]) => `There is no task ${String(task)}.`, 'Choose one from the list of tasks.'),
  NoSuchRound: explain('NoSuchRoundError', ([task, round]) => `Task ${String(task)} has no ${roundOf(round)}.`, RELOAD),
  NoSuchSubmission: explain('NoSuchSubmissionError', ([, round, index]) => `There is no submission ${String(index)} in ${roundOf(round)}.`, RELOAD),
  NoSuchBatch: explain('NoSuchBatchError', ([, round, batch]) => `There is no batch ${String(batch)} in ${roundOf(round)}.`, RELOAD),
  BadParameter: explain('BadParameterError',
    ([name, value]) => `"${hexToString(name as Hex, { size: 32 })}" may not be ${String(value)}.`, 'Change it to a value within its limits.'),
  WrongPhase: explain('WrongPhaseError',
    ([, round, actual, needed]) => `This can be done in the ${phase(needed)} phase; ${roundOf(round)} is in ${phase(actual)}.`,
    ([, , actual, needed]) => Number(actual) < Number(needed)
      ? `Wait until the ${phase(needed)} phase begins; the clock on the task's page counts down to it.`
      : 'That phase is over for this round. Take part in the next round.'),
  WrongRole: explain('WrongRoleError',
    ([, , actual, needed]) => Number(actual) === 0
      ? `The account has no stake in this task; it takes a ${role(needed)}'s.`
      : `The account is a ${role(actual)} of this task; this takes a ${role(needed)}.`,
    ([, , actual, needed]) => Number(actual) === 0 ? `Stake as a ${role(needed)} first.` : 'Use another account: one address holds one role per task.'),
  NotAllowed: explain('NotAllowedError', ([, account]) => `${String(account)} is not on the task's list of guests.`,
    'Ask the creator for a place, or wait until the task is opened to everyone.'),
  NotCreator: explain('NotCreatorError', () => 'Only the task\'s creator can do this.', 'Switch to the account that created the task.'),
  StakeTooSmall: explain('InsufficientStakeError',
    ([, , amount, needed]) => `The stake is ${tokens(amount)}; ${tokens(needed)} are needed.`, 'Add to the stake, then try again.'),
  StakeBusy: explain('StakeBusyError', ([, , round]) => `The stake answers for ${roundOf(round)}, which is not finished.`,
    'Withdraw when the round is final.'),
  StakeLocked: explain('StakeLockedError', ([, , until]) => `The stake is locked until ${time(until)}.`, 'Withdraw after that.'),
  AlreadyEnrolled: explain('AlreadyEnrolledError', ([, round]) => `The account is enrolled in ${roundOf(round)} already.`, 'Nothing is to be done.'),
  NotEnrolled: explain('NotEnrolledError', ([, round]) => `The account did not enroll in ${roundOf(round)}.`, 'Enroll while the next round takes submissions.'),
  CommitmentMismatch: explain('CommitmentMismatchError',
    ([, round]) => `Adapter and salt are not those that were sealed in ${roundOf(round)}, or are opened already.`,
    'Open the submission in the browser that sealed it: that one holds the salt.'),
  KeyMismatch: explain('KeyMismatchError', ([, round]) => `This is not the key of ${roundOf(round)}.`, 'Use the key that was made with the task.'),
  KeyAlreadyRevealed: explain('KeyAlreadyRevealedError', ([, round]) => `The key of ${roundOf(round)} is known already.`, 'Nothing is to be done.'),
  SealMismatch: explain('SealMismatchError',
    ([, , validator]) => `Scores and salt of ${String(validator)} are not those that were sealed.`,
    'Reveal in the browser that sealed the scores: that one holds the salt.'),
  BadLength: explain('BadLengthError', ([actual, needed]) => `The scores are ${String(actual)} bytes long; ${String(needed)} are needed.`,
    'Score every item of the batch, the base model first.'),
  NothingToDo: explain('NothingToDoError', ([, round, now]) => `Nothing is due in ${roundOf(round)} (phase ${phase(now)}).`, 'Nothing is to be done.'),
  SeedNotFixed: explain('SeedNotFixedError', ([, round]) => `The committees of ${roundOf(round)} have not been dealt yet.`,
    'Anyone can do it: "tick" the round twice, a block apart.'),
  AlreadySettled: explain('AlreadySettledError', ([, round, batch]) => `Batch ${String(batch)} of ${roundOf(round)} is settled already.`, 'Nothing is to be done.'),
  VectorMismatch: explain('VectorMismatchError', ([validator]) => `The scores given for ${String(validator)} are not the revealed ones.`, 'Read the events again and settle anew.'),
  NotTheMedian: explain('NotTheMedianError', ([item, claimed]) => `${String(claimed)} is not the weighted median of item ${String(item)}.`, 'Read the events again and settle anew.'),
  RecordMismatch: explain('RecordMismatchError', ([, round, batch]) => `The record of batch ${String(batch)} of ${roundOf(round)} is another one.`, 'Read the events again.'),
  OutOfOrder: explain('OutOfOrderError', ([index]) => `Submission ${String(index)} is not next in the round's order.`, 'Read the events again and rank anew.'),
  NotAWinner: explain('NotAWinnerError', ([index]) => `Submission ${String(index)} did not beat the base model.`, 'Nothing is to be done.'),
  NotSlashable: explain('NotSlashableError', ([index]) => `Submission ${String(index)} is not to be slashed.`, 'Nothing is to be done.'),
  EarlierRoundOpen: explain('EarlierRoundOpenError', ([, round]) => `A round before ${roundOf(round)} is not finished.`, 'Finish the earlier round first; anyone can.'),
  NotRanked: explain('NotRankedError', ([, round]) => `${roundOf(round)} has not been ranked yet.`, 'Rank it first; anyone can.'),
  AlreadyRanked: explain('AlreadyRankedError', ([, round]) => `${roundOf(round)} is ranked already.`, 'Nothing is to be done.'),
  AlreadyPaid: explain('AlreadyPaidError', ([, , index]) => `Number ${String(index)} has been paid already.`, 'Nothing is to be done.'),
  NothingOwed: explain('NothingOwedError', () => 'Nothing is waiting to be claimed.', 'Come back after the next round is paid.'),
  NothingToRefund: explain('NothingToRefundError', () => 'Nothing of the bounty comes back to this account.', 'Nothing is to be done.'),
  TaskRunning: explain('TaskRunningError', ([task]) => `Task ${String(task)} is still running.`, 'Wait until its last round is finished.'),
  AlreadyDisputed: explain('AlreadyDisputedError', ([, , , item]) => `Item ${String(item)} is before a jury already.`, 'Nothing is to be done.'),
  NoSuchDispute: explain('NoSuchDisputeError', ([, , , item]) => `Item ${String(item)} is before no jury, or it has been decided.`, RELOAD),
  WrongJuryPhase: explain('WrongJuryPhaseError',
    ([, round, actual, needed]) => `This can be done in the jury's ${phase(needed)} phase; the one of ${roundOf(round)} is in ${phase(actual)}.`,
    'Wait until that phase begins; when it is over, nothing is to be done.'),
  NotAJuror: explain('NotAJurorError', ([, round]) => `The account does not sit in this jury of ${roundOf(round)}.`, 'Seal a verdict first, with a validator\'s stake.'),
  JuryFull: explain('JuryFullError', ([limit]) => `The jury has its ${String(limit)} members.`, 'Nothing is to be done.'),
  NotVault: explain('NotVaultError', ([operator]) => `Only the vault of ${String(operator)} can do this.`, 'Go through the operator\'s vault.'),
  VaultKnown: explain('VaultKnownError', ([, vault]) => `The account's vault is ${String(vault)} for good.`, 'Use that vault.'),
  VaultExists: explain('VaultExistsError', ([, vault]) => `The account has a vault already: ${String(vault)}.`, 'Use that vault.'),
  NotOperator: explain('NotOperatorError', () => 'Only the vault\'s operator can do this.', 'Switch to the account that made the vault.'),
  TooManyTasks: explain('TooManyTasksError', ([limit]) => `The vault stands in ${String(limit)} tasks, which is the most.`,
    'Take delegated stake out of a task that is over first.'),
  NotIdle: explain('NotIdleError', ([amount, available]) => `${tokens(amount)} tokens are asked for; ${tokens(available)} lie idle in the vault and are not on notice.`,
    'Choose a smaller amount, or wait for stake to come back from tasks.'),
  StillRunning: explain('StillRunningError', ([task]) => `Task ${String(task)} is still running.`,
    'Wait for its end; before, only the operator can take the stake out, or a delegator on notice whom the vault owes.'),
  NoticeTooLarge: explain('NoticeTooLargeError', ([shares, balance]) => `The account has ${tokens(balance)} shares, not ${tokens(shares)}.`, 'Give notice of fewer.'),
  ERC4626ExceededMaxWithdraw: explain('VaultTooEmptyError', ([, assets, most]) => `${tokens(assets)} tokens are asked for; ${tokens(most)} can leave the vault now.`,
    'Take less, or give notice and wait until stake comes back from tasks.'),
  ERC4626ExceededMaxRedeem: explain('VaultTooEmptyError', ([, shares, most]) => `${tokens(shares)} shares are given back; ${tokens(most)} can be redeemed now.`,
    'Redeem fewer, or give notice and wait until stake comes back from tasks.'),
  SharingFrozen: explain('SharingFrozenError', ([, , since]) => `The sharing ratio has been fixed since ${time(since)}.`, 'It cannot change before the task\'s end.'),
  NothingReceived: explain('NothingReceivedError', ([token]) => `The token ${String(token)} moved nothing.`, 'Use another token.'),
}
