/** What a strategy writes: an entry point `main`, and the directives (`enable f16;`) it needs. */
export interface StrategyText {
  code: string
  directives: string[]
}
