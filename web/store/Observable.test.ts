import { expect, test } from 'vitest';
import { observable } from './Observable.ts';

test('tells each who looks of each new value, and nobody of the same one', () => {
  const power = observable(1);
  const heard: string[] = [];
  const leave = power.subscribe(() => heard.push(`one ${power.get()}`));
  power.subscribe(() => heard.push(`two ${power.get()}`));
  power.set(2);
  power.set(2);
  leave();
  power.set(3);
  expect(heard).toEqual(['one 2', 'two 2', 'two 3']);
});

test('takes a value that is none for the same as itself', () => {
  const value = observable(Number.NaN);
  let changes = 0;
  value.subscribe(() => {
    changes += 1;
  });
  value.set(Number.NaN);
  expect(changes).toBe(0);
});
