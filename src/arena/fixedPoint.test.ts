import { describe, expect, it } from 'vitest'
import { expWad, lnWad, mulDiv, mulDivUp, powWad, WAD } from './fixedPoint.ts'

const wad = (x: number) => BigInt(Math.round(x * 1e9)) * 10n ** 9n

describe('fixed point', () => {
  // Expected values are from the tests of Solady and solmate, which hold them against their contracts.
  it('takes exp to the last bit of the library', () => {
    expect(expWad(-42139678854452767551n)).toBe(0n)
    expect(expWad(wad(-3))).toBe(49787068367863942n)
    expect(expWad(wad(-2))).toBe(135335283236612691n)
    expect(expWad(wad(-1))).toBe(367879441171442321n)
    expect(expWad(wad(-0.5))).toBe(606530659712633423n)
    expect(expWad(wad(-0.3))).toBe(740818220681717866n)
    expect(expWad(0n)).toBe(WAD)
    expect(expWad(wad(0.3))).toBe(1349858807576003103n)
    expect(expWad(wad(1))).toBe(2718281828459045235n)
    expect(expWad(wad(10))).toBe(22026465794806716516980n)
    expect(expWad(wad(50))).toBe(5184705528587072464148529318587763226117n)
    expect(() => expWad(135305999368893231589n)).toThrow(RangeError)
  })

  it('takes ln to the last bit of the library', () => {
    expect(lnWad(WAD)).toBe(0n)
    expect(lnWad(2718281828459045235n)).toBe(999999999999999999n)
    expect(lnWad(11723640096265400935n)).toBe(2461607324344817918n)
    expect(lnWad(1n)).toBe(-41446531673892822313n)
    expect(lnWad(42n)).toBe(-37708862055609454007n)
    expect(lnWad(10n ** 4n)).toBe(-32236191301916639577n)
    expect(lnWad(10n ** 9n)).toBe(-20723265836946411157n)
    expect(lnWad(2n ** 255n - 1n)).toBe(135305999368893231589n)
    expect(() => lnWad(0n)).toThrow(RangeError)
  })

  it('raises to a power within 1e-12 of the real one', () => {
    for (const [x, y] of [[0.5, 3], [0.9, 99], [1, 7], [2.5, 0.5], [1234.5, 1]] as const) {
      expect(Number(powWad(wad(x), wad(y))) / 1e18).toBeCloseTo(x ** y, 9)
    }
  })

  it('rounds down and up', () => {
    expect(mulDiv(10n, 10n, 3n)).toBe(33n)
    expect(mulDivUp(10n, 10n, 3n)).toBe(34n)
    expect(mulDivUp(9n, 1n, 3n)).toBe(3n)
  })
})
