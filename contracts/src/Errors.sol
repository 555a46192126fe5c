// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Phase, Role} from "./Types.sol";

error NoSuchTask(uint256 taskId);
error NoSuchRound(uint256 taskId, uint256 round);
error NoSuchSubmission(uint256 taskId, uint256 round, uint256 index);
error NoSuchBatch(uint256 taskId, uint256 round, uint256 batch);
/// A parameter outside of its limits; `name` is the field's.
error BadParameter(bytes32 name, uint256 value);
error WrongPhase(uint256 taskId, uint256 round, Phase actual, Phase needed);
error WrongRole(uint256 taskId, address account, Role actual, Role needed);
error NotAllowed(uint256 taskId, address account);
error NotCreator(uint256 taskId, address account);
error StakeTooSmall(uint256 taskId, address account, uint256 amount, uint256 needed);
/// Stake is at risk in `round`, which is not done.
error StakeBusy(uint256 taskId, address account, uint256 round);
error StakeLocked(uint256 taskId, address account, uint256 until);
error AlreadyEnrolled(uint256 taskId, uint256 round, address account);
error NotEnrolled(uint256 taskId, uint256 round, address account);
error CommitmentMismatch(uint256 taskId, uint256 round, address trainer);
/// The validators who enrolled can judge `limit` submissions, and these are opened.
error RoundFull(uint256 taskId, uint256 round, uint256 limit);
error KeyMismatch(uint256 taskId, uint256 round);
error KeyAlreadyRevealed(uint256 taskId, uint256 round);
error SealMismatch(uint256 taskId, uint256 round, address validator);
/// Packed scores have the wrong number of bytes.
error BadLength(uint256 actual, uint256 needed);
/// Nothing is due; the round's phase is `phase`.
error NothingToDo(uint256 taskId, uint256 round, Phase phase);
error SeedNotFixed(uint256 taskId, uint256 round);
error AlreadySettled(uint256 taskId, uint256 round, uint256 batch);
/// The vector given for `validator` is not the revealed one.
error VectorMismatch(address validator);
/// The claimed consensus of `item` is not the weighted lower median.
error NotTheMedian(uint256 item, uint256 claimed);
/// The data given are not those that were settled.
error RecordMismatch(uint256 taskId, uint256 round, uint256 batch);
/// `index` does not come after the one before it in the round's order.
error OutOfOrder(uint256 index);
/// `index` has no rank: it did not beat the base model.
error NotAWinner(uint256 index);
error NotSlashable(uint256 index);
/// Earlier rounds must be done first.
error EarlierRoundOpen(uint256 taskId, uint256 round);
error NotRanked(uint256 taskId, uint256 round);
error AlreadyRanked(uint256 taskId, uint256 round);
error AlreadyPaid(uint256 taskId, uint256 round, uint256 index);
error NothingOwed(address token, address account);
error NothingToRefund(uint256 taskId, address account);
error TaskRunning(uint256 taskId);
error AlreadyDisputed(uint256 taskId, uint256 round, uint256 batch, uint256 item);
error NoSuchDispute(uint256 taskId, uint256 round, uint256 batch, uint256 item);
/// The jury is in `actual`, counted like a round's phases; it must be in `needed`.
error WrongJuryPhase(uint256 taskId, uint256 round, Phase actual, Phase needed);
error NotAJuror(uint256 taskId, uint256 round, address account);
error JuryFull(uint256 limit);
error NotVault(address operator, address account);
error VaultKnown(address operator, address vault);
/// The sharing ratio of a task does not change any more after `since`.
error SharingFrozen(uint256 taskId, address operator, uint256 since);
/// The token handed over less than nothing, or moved nothing.
error NothingReceived(address token);
