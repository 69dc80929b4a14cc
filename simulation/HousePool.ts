import { type House, openHouse } from './House.ts';

/** Some houses that serve worlds at the same time, each one world after the other. */
export interface HousePool {
  /** Waits for a house that is free. */
  use<Value>(act: (house: House) => Promise<Value>): Promise<Value>;
  close(): Promise<void>;
}

export async function openHousePool(size: number): Promise<HousePool> {
  const houses: House[] = [];
  for (let count = 0; count < size; count += 1) houses.push(await openHouse());
  const free = [...houses];
  const waiting: ((house: House) => void)[] = [];
  const take = (): Promise<House> => {
    const house = free.pop();
    return house === undefined ? new Promise((resolve) => waiting.push(resolve)) : Promise.resolve(house);
  };
  const giveBack = (house: House): void => {
    const next = waiting.shift();
    if (next === undefined) free.push(house);
    else next(house);
  };
  return {
    async use(act) {
      const house = await take();
      try {
        return await act(house);
      } finally {
        giveBack(house);
      }
    },
    async close() {
      for (const house of houses) await house.close();
    },
  };
}
