/** A car in the program: how much it wants in all, and what it may take where. */
export interface Taker {
  readonly demand: number;
  /** Kind of load: which rows its energy weighs on, and how much; see `Shares`. */
  readonly kind: number;
  /** First time; `most` and `times` run from there. */
  readonly first: number;
  /** Most that it may take at each time. */
  readonly most: readonly number[];
  /** What it may go without: in bands, each with its cost a unit, rising; together the demand. */
  readonly without: readonly { readonly most: number; readonly cost: number }[];
}

/** Capacities shared at each time: a unit taken by kind k at time t weighs `weights[k]` on each of `rows[k][t]`. */
export interface Shares {
  readonly costs: readonly number[];
  readonly capacities: readonly number[];
  readonly rows: readonly (readonly (readonly number[])[])[];
  readonly weights: readonly number[];
}

/** What each taker takes at each of its times, not rounded; and a bound below which no way can cost. */
export interface Solved {
  readonly taken: readonly Float64Array[];
  readonly cost: number;
  readonly bound: number;
}

const BELOW = 0;
const ABOVE = 1;
const BASIC = 2;
const KEY = 3;
/** Share of the cost by which the result may lie above its bound where it is not the very optimum. */
const ENOUGH = 4e-4;
/** So few takers are always solved to the very optimum. */
const FEW = 100;

/**
 * Minimises what all take at `costs` plus what they go without, each taker's demand met or gone without, no
 * capacity passed. A linear program with one equation a taker and one inequality a shared capacity: solved by the
 * primal simplex method with generalized upper bounds (Dantzig and Van Slyke, 1967), whose basis has only the size
 * of the shared capacities, however many takers there are. Each taker keeps one variable as its key; the others are
 * counted against it. Ends at the optimum, or as soon as the Lagrangian bound says that what is left to gain is
 * below four ten-thousandths.
 */
export function solveShares(takers: readonly Taker[], shares: Shares): Solved {
  return new ShareSimplex(takers, shares).solve();
}

/** The simplex method's state: typed arrays that change as it goes. */
class ShareSimplex {
  /** What must be gained on a unit to be worth a step: less and less. */
  private worth = 0;
  private readonly takers: readonly Taker[];
  private readonly shares: Shares;
  private readonly size: number;
  /** Variables of all takers, one after the other: their times, then their bands. */
  private readonly begin: Int32Array;
  private readonly value: Float64Array;
  private readonly upper: Float64Array;
  private readonly cost: Float64Array;
  private readonly state: Uint8Array;
  private readonly owner: Int32Array;
  private readonly key: Int32Array;
  private readonly slack: Float64Array;
  /** What stands at each place of the basis: a variable, or −1 − row for a row's slack. */
  private readonly place: Int32Array;
  private readonly placeOfSlack: Int32Array;
  /** Places that hold variables, and rows without slack: as many of either. */
  private active: number[] = [];
  private binding: number[] = [];
  /** The basis's inverse, kept only where it is not plain: rows of active places, columns of binding rows. */
  private readonly inverse: Float64Array[];
  private readonly dual: Float64Array;
  private readonly prices: Float64Array[];
  /** The entering variable's column in terms of the basis. */
  private readonly column: Float64Array;
  private readonly keyChange: Float64Array;
  /** What the entering variable and those that answer to it put on each row. */
  private readonly load: Float64Array;

  constructor(takers: readonly Taker[], shares: Shares) {
    this.takers = takers;
    this.shares = shares;
    const size = shares.capacities.length;
    this.size = size;
    this.begin = new Int32Array(takers.length + 1);
    for (const [n, { most, without }] of takers.entries())
      this.begin[n + 1] = this.begin[n]! + most.length + without.length;
    const count = this.begin[takers.length]!;
    this.value = new Float64Array(count);
    this.upper = new Float64Array(count);
    this.cost = new Float64Array(count);
    this.state = new Uint8Array(count);
    this.owner = new Int32Array(count);
    this.key = new Int32Array(takers.length);
    for (const [n, { most, without, first }] of takers.entries()) {
      const begin = this.begin[n]!;
      for (const [index, one] of most.entries()) {
        this.upper[begin + index] = one;
        this.cost[begin + index] = shares.costs[first + index]!;
      }
      for (const [index, band] of without.entries()) {
        this.upper[begin + most.length + index] = band.most;
        this.cost[begin + most.length + index] = band.cost;
      }
      this.owner.fill(n, begin, this.begin[n + 1]!);
    }
    // A little less of each, differently, so that no two bounds are met at once.
    this.slack = Float64Array.from(shares.capacities, (one, row) =>
      Math.max(0, one - 0.01 * (0.1 + ((row * 0.6180339887) % 1))),
    );
    this.place = Int32Array.from({ length: size }, (_, row) => -1 - row);
    this.placeOfSlack = Int32Array.from({ length: size }, (_, row) => row);
    this.inverse = Array.from({ length: size }, () => new Float64Array(size));
    this.load = new Float64Array(size);
    this.dual = new Float64Array(size);
    this.prices = shares.rows.map(() => Float64Array.from(shares.costs));
    this.column = new Float64Array(size);
    this.keyChange = new Float64Array(takers.length);
    this.dealOut();
  }

  /** A first way: who has the least choice takes first, the cheapest first, in whole as long as there is room. */
  private dealOut(): void {
    const { takers, shares } = this;
    const choice = takers.map(
      ({ demand, most }) => most.reduce((sum, one) => sum + one, 0) / Math.max(1, demand),
    );
    const order = takers.map((_, n) => n).sort((a, b) => choice[a]! - choice[b]!);
    for (const n of order) {
      const { kind, first, demand, most } = takers[n]!;
      const weight = shares.weights[kind]!;
      const begin = this.begin[n]!;
      const times = most.map((_, index) => index);
      times.sort((a, b) => this.cost[begin + a]! - this.cost[begin + b]!);
      let left = demand;
      let key = -1;
      for (const index of times) {
        const taken = Math.min(left, most[index]!);
        const rows = shares.rows[kind]![first + index]!;
        if (taken <= 0 || rows.some((row) => this.slack[row]! < taken * weight)) continue;
        const v = begin + index;
        this.value[v] = taken;
        if (left >= most[index]!) this.state[v] = ABOVE;
        else key = v;
        left -= taken;
        for (const row of rows) this.slack[row] = this.slack[row]! - taken * weight;
      }
      // The rest it goes without, the cheapest bands first; one variable between its bounds is the key.
      for (let v = begin + most.length; v < this.begin[n + 1]!; v += 1) {
        const without = Math.min(left, this.upper[v]!);
        this.value[v] = without;
        left -= without;
        if (key < 0 && left === 0) key = v;
        else if (without > 0) this.state[v] = ABOVE;
      }
      this.key[n] = key;
      this.state[key] = KEY;
    }
  }

  solve(): Solved {
    const count = this.takers.length;
    const most = 1_000 * (count + this.size);
    this.worth = this.cost.reduce((highest, cost) => Math.max(highest, Math.abs(cost)), 0);
    let steps = 0;
    let isSettled = false;
    let isChanged = false;
    let best = Number.NEGATIVE_INFINITY;
    let isEnough = false;
    const check = (): void => {
      best = Math.max(best, this.boundAt(this.dual));
      const cost = this.total();
      isEnough = count > FEW && cost - best <= ENOUGH * Math.abs(cost);
    };
    for (check(); !isEnough && !isSettled && steps < most; ) {
      isSettled = true;
      for (let n = 0; n < count; n += 1)
        if (this.improve(n)) {
          isSettled = false;
          steps += 1;
        }
      while (this.improveSlack()) {
        isSettled = false;
        steps += 1;
      }
      if (!isSettled) isChanged = true;
      else if (this.worth > 0) {
        isSettled = false;
        this.worth = this.worth < 1 ? 0 : this.worth / 4;
        if (isChanged) check();
        isChanged = false;
      }
    }
    if (isChanged || steps === 0) check();
    return {
      taken: this.takers.map(({ most }, n) => this.value.slice(this.begin[n]!, this.begin[n]! + most.length)),
      cost: this.total(),
      bound: best,
    };
  }

  private total(): number {
    let sum = 0;
    for (let v = 0; v < this.value.length; v += 1) sum += this.value[v]! * this.cost[v]!;
    return sum;
  }

  /** The costs of each kind at each time, capacities paid for. */
  private pricesAt(duals: Float64Array): readonly (readonly number[])[] {
    const { rows, weights, costs } = this.shares;
    return rows.map((ofKind, kind) =>
      costs.map((cost, time) =>
        (ofKind[time] ?? []).reduce((at, row) => at - weights[kind]! * Math.min(0, duals[row]!), cost),
      ),
    );
  }

  /** The Lagrangian bound at some duals: each taker for itself, capacities paid for. */
  private boundAt(duals: Float64Array): number {
    const { capacities } = this.shares;
    const prices = this.pricesAt(duals);
    let sum = capacities.reduce((at, capacity, row) => at + Math.min(0, duals[row]!) * capacity, 0);
    for (const { demand, kind, first, most, without } of this.takers) {
      const ofKind = prices[kind]!;
      const order = most.map((_, index) => index).sort((a, b) => ofKind[first + a]! - ofKind[first + b]!);
      let left = demand;
      let band = 0;
      for (const index of order) {
        const cost = ofKind[first + index]!;
        for (; band < without.length && without[band]!.cost < cost && left > 0; band += 1) {
          const spared = Math.min(left, without[band]!.most);
          sum += spared * without[band]!.cost;
          left -= spared;
        }
        if (left <= 0) break;
        const taken = Math.min(left, most[index]!);
        sum += taken * cost;
        left -= taken;
      }
      for (; left > 0 && band < without.length; band += 1) {
        const spared = Math.min(left, without[band]!.most);
        sum += spared * without[band]!.cost;
        left -= spared;
      }
    }
    return sum;
  }

  /** The cost of a variable with its capacities paid for. */
  private priceOf(v: number): number {
    const n = this.owner[v]!;
    const { kind, first, most } = this.takers[n]!;
    const index = v - this.begin[n]!;
    return index < most.length ? this.prices[kind]![first + index]! : this.cost[v]!;
  }

  /** Brings in the taker's variable that gains most; false if none does. */
  private improve(n: number): boolean {
    const { kind, first, most } = this.takers[n]!;
    const begin = this.begin[n]!;
    const prices = this.prices[kind]!;
    const keyPrice = this.priceOf(this.key[n]!);
    let [best, bestGain] = [-1, Math.max(this.worth, 1e-7 * (1 + Math.abs(keyPrice)))];
    for (let v = begin; v < this.begin[n + 1]!; v += 1) {
      const state = this.state[v]!;
      if (state >= BASIC || this.upper[v] === 0) continue;
      const index = v - begin;
      const price = index < most.length ? prices[first + index]! : this.cost[v]!;
      const gain = state === BELOW ? keyPrice - price : price - keyPrice;
      if (gain > bestGain) [best, bestGain] = [v, gain];
    }
    if (best < 0) return false;
    this.load.fill(0);
    this.addLoad(best, 1);
    this.addLoad(this.key[n]!, -1);
    this.express();
    this.enter(best, this.state[best] === BELOW ? 1 : -1, this.priceOf(best) - keyPrice);
    return true;
  }

  private improveSlack(): boolean {
    let [best, most] = [-1, 1e-7 * (1 + Math.abs(this.shares.costs[0] ?? 0))];
    for (const row of this.binding) if (this.dual[row]! > most) [best, most] = [row, this.dual[row]!];
    if (best < 0) return false;
    this.load.fill(0);
    this.load[best] = 1;
    this.express();
    this.enter(-1 - best, 1, -this.dual[best]!);
    return true;
  }

  /** Puts a variable's weight, times a factor, on its rows. */
  private addLoad(v: number, factor: number): void {
    const n = this.owner[v]!;
    const { kind, first, most } = this.takers[n]!;
    const index = v - this.begin[n]!;
    if (index >= most.length) return;
    const weight = factor * this.shares.weights[kind]!;
    for (const row of this.shares.rows[kind]![first + index]!) this.load[row] = this.load[row]! + weight;
  }

  /** Expresses the load in terms of the basis: what variables answer to it, and the slacks what is left. */
  private express(): void {
    const { active, binding, inverse, column, load, place, placeOfSlack } = this;
    for (const p of active) {
      const row = inverse[p]!;
      let sum = 0;
      for (const r of binding) sum += row[r]! * load[r]!;
      column[p] = sum;
    }
    for (const p of active) {
      const answer = column[p]!;
      if (answer < 1e-12 && answer > -1e-12) continue;
      const v = place[p]!;
      this.addLoad(v, -answer);
      this.addLoad(this.key[this.owner[v]!]!, answer);
    }
    for (let r = 0; r < this.size; r += 1) if (placeOfSlack[r]! >= 0) column[placeOfSlack[r]!] = load[r]!;
  }

  /** Moves the entering variable as far as a bound allows, and changes the basis if another variable set it. */
  private enter(entering: number, direction: 1 | -1, reduced: number): void {
    const { column, size, place, value, upper, slack, keyChange } = this;
    const own = entering < 0 ? -1 : this.owner[entering]!;
    const touched: number[] = [];
    if (own >= 0) {
      keyChange[own] = -direction;
      touched.push(own);
    }
    let step = entering < 0 ? Number.POSITIVE_INFINITY : upper[entering]!;
    let [leavingPlace, leavingKey, pivot] = [-1, -1, 0];
    const limit = (room: number, rate: number, atPlace: number, atKey: number): void => {
      const most = Math.max(0, room) / Math.abs(rate);
      if (most > step + 1e-9 || (most > step - 1e-9 && Math.abs(rate) <= pivot)) return;
      step = Math.min(step, most);
      [leavingPlace, leavingKey, pivot] = [atPlace, atKey, Math.abs(rate)];
    };
    for (let p = 0; p < size; p += 1) {
      const rate = -direction * column[p]!;
      if (rate < 1e-9 && rate > -1e-9) continue;
      const v = place[p]!;
      if (v < 0) {
        if (rate < 0) limit(slack[-1 - v]!, rate, p, -1);
        continue;
      }
      limit(rate > 0 ? upper[v]! - value[v]! : value[v]!, rate, p, -1);
      const n = this.owner[v]!;
      if (keyChange[n] === 0) touched.push(n);
      keyChange[n] = keyChange[n]! - rate;
    }
    for (const n of touched) {
      const rate = keyChange[n]!;
      if (rate < 1e-9 && rate > -1e-9) continue;
      const v = this.key[n]!;
      limit(rate > 0 ? upper[v]! - value[v]! : value[v]!, rate, -1, n);
    }
    for (let p = 0; p < size; p += 1) {
      const change = -direction * column[p]! * step;
      if (change === 0) continue;
      const v = place[p]!;
      if (v < 0) slack[-1 - v] = slack[-1 - v]! + change;
      else value[v] = value[v]! + change;
    }
    for (const n of touched) {
      const v = this.key[n]!;
      value[v] = value[v]! + keyChange[n]! * step;
    }
    if (entering < 0) slack[-1 - entering] = slack[-1 - entering]! + step;
    else value[entering] = value[entering]! + direction * step;

    if (leavingPlace < 0 && leavingKey < 0) this.state[entering] = direction > 0 ? ABOVE : BELOW;
    else if (leavingKey >= 0 && leavingKey === own) this.replaceKey(own, entering, reduced);
    else {
      if (leavingKey >= 0) leavingPlace = this.swapKey(leavingKey);
      this.pivot(leavingPlace, entering, reduced);
    }
    for (const n of touched) keyChange[n] = 0;
  }

  private settle(v: number): void {
    const isAbove = this.value[v]! > this.upper[v]! / 2;
    this.value[v] = isAbove ? this.upper[v]! : 0;
    this.state[v] = isAbove ? ABOVE : BELOW;
  }

  /** The entering variable takes the place of its taker's key; what is counted against the key changes. */
  private replaceKey(n: number, entering: number, reduced: number): void {
    this.settle(this.key[n]!);
    this.key[n] = entering;
    this.state[entering] = KEY;
    const sum = new Float64Array(this.size);
    let columnSum = 0;
    let isAlone = true;
    for (const p of this.active) {
      if (this.owner[this.place[p]!] !== n) continue;
      isAlone = false;
      columnSum += this.column[p]!;
      const row = this.inverse[p]!;
      for (const r of this.binding) sum[r] = sum[r]! + row[r]!;
    }
    if (isAlone) return;
    const factor = 1 / (1 - columnSum);
    for (const p of this.active) {
      const by = this.column[p]! * factor;
      if (by === 0) continue;
      const row = this.inverse[p]!;
      for (const r of this.binding) row[r] = row[r]! + by * sum[r]!;
    }
    // The rows' sum has itself become 1 / (1 − columnSum) of what it was.
    this.changeDual(sum, -reduced * factor);
  }

  /** Makes a basic variable of the taker its key, and the key basic at that place; gives the place. */
  private swapKey(n: number): number {
    let at = -1;
    for (const p of this.active) {
      if (this.owner[this.place[p]!] !== n) continue;
      if (at < 0 || Math.abs(this.column[p]!) > Math.abs(this.column[at]!)) at = p;
    }
    const row = this.inverse[at]!;
    let column = -this.column[at]!;
    for (const r of this.binding) row[r] = -row[r]!;
    for (const p of this.active) {
      if (p === at || this.owner[this.place[p]!] !== n) continue;
      column -= this.column[p]!;
      const other = this.inverse[p]!;
      for (const r of this.binding) row[r] = row[r]! - other[r]!;
    }
    this.column[at] = column;
    const v = this.place[at]!;
    this.place[at] = this.key[n]!;
    this.state[this.key[n]!] = BASIC;
    this.key[n] = v;
    this.state[v] = KEY;
    return at;
  }

  /** The entering variable takes a place of the basis. */
  private pivot(at: number, entering: number, reduced: number): void {
    const leaving = this.place[at]!;
    if (leaving < 0) this.bind(at, -1 - leaving);
    else this.settle(leaving);
    const row = this.inverse[at]!;
    const by = 1 / this.column[at]!;
    for (const r of this.binding) row[r] = row[r]! * by;
    for (const p of this.active) {
      const factor = this.column[p]!;
      if (p === at || (factor < 1e-12 && factor > -1e-12)) continue;
      const other = this.inverse[p]!;
      for (const r of this.binding) other[r] = other[r]! - factor * row[r]!;
    }
    this.changeDual(row, reduced);
    this.place[at] = entering;
    if (entering >= 0) this.state[entering] = BASIC;
    else this.loosen(at, -1 - entering);
  }

  /** A row's slack is used up: its place becomes active. */
  private bind(at: number, bound: number): void {
    const row = this.inverse[at]!.fill(0);
    for (const p of this.active) {
      const v = this.place[p]!;
      const weight = this.weightOn(bound, v) - this.weightOn(bound, this.key[this.owner[v]!]!);
      if (weight === 0) continue;
      const other = this.inverse[p]!;
      for (const r of this.binding) row[r] = row[r]! - weight * other[r]!;
    }
    for (const p of this.active) this.inverse[p]![bound] = 0;
    row[bound] = 1;
    this.slack[bound] = 0;
    this.placeOfSlack[bound] = -1;
    this.active.push(at);
    this.binding.push(bound);
  }

  /** A row has slack again, at a place that was active. */
  private loosen(at: number, row: number): void {
    this.placeOfSlack[row] = at;
    this.active = this.active.filter((p) => p !== at);
    this.binding = this.binding.filter((r) => r !== row);
    this.dual[row] = 0;
  }

  private weightOn(row: number, v: number): number {
    const n = this.owner[v]!;
    const { kind, first, most } = this.takers[n]!;
    const index = v - this.begin[n]!;
    if (index >= most.length) return 0;
    return this.shares.rows[kind]![first + index]!.includes(row) ? this.shares.weights[kind]! : 0;
  }

  private changeDual(row: Float64Array, by: number): void {
    for (const r of this.binding) this.dual[r] = this.dual[r]! + by * row[r]!;
    const { rows, weights, costs } = this.shares;
    for (const [kind, ofKind] of rows.entries()) {
      const prices = this.prices[kind]!;
      const weight = weights[kind]!;
      for (let time = 0; time < costs.length; time += 1) {
        let price = costs[time]!;
        for (const shared of ofKind[time]!) price -= weight * this.dual[shared]!;
        prices[time] = price;
      }
    }
  }
}
