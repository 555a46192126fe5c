/** The contracts' interfaces in one place; `npm run contracts` writes the generated files. */
import { erc20Abi, parseAbi } from 'viem'
import { arenaAbi } from './generated/Arena.ts'
import { backOfficeAbi } from './generated/BackOffice.ts'
import { delegationVaultAbi } from './generated/DelegationVault.ts'
import { relayRegistryAbi } from './generated/RelayRegistry.ts'
import { testTokenAbi } from './generated/TestToken.ts'
import { vaultFactoryAbi } from './generated/VaultFactory.ts'

export { arenaAbi, backOfficeAbi, delegationVaultAbi, relayRegistryAbi, testTokenAbi, vaultFactoryAbi }

/** Custom errors of what the arena calls, which its own interface does not list. */
const tokenErrors = parseAbi([
  'error ERC20InsufficientBalance(address sender, uint256 balance, uint256 needed)',
  'error ERC20InsufficientAllowance(address spender, uint256 allowance, uint256 needed)',
  'error SafeERC20FailedOperation(address token)',
])

/** Everything a call may be refused with. */
export const allErrorsAbi = [...arenaAbi, ...delegationVaultAbi, ...vaultFactoryAbi, ...relayRegistryAbi, ...testTokenAbi, ...tokenErrors, ...erc20Abi]
  .filter(item => item.type === 'error')
