import { useEffect, useId, useState } from 'react';
import { useWords } from '../app/AppServices.ts';
import { Icon } from '../design/Icon.tsx';
import { type Place, type PlaceIndex, searchPlaces } from './Place.ts';

/** Search by street or postal code in what ships with the app: no internet, and nobody learns of it. */
export function PlaceSearch({ onChoose }: { readonly onChoose: (place: Place) => void }) {
  const { words } = useWords();
  const list = useId();
  const [typed, setTyped] = useState('');
  const [index, setIndex] = useState<PlaceIndex>();
  const [isOpen, setIsOpen] = useState(false);
  const [active, setActive] = useState(0);
  const places = index === undefined ? [] : searchPlaces(index, typed);
  const isShown = isOpen && typed.trim().length > 1 && index !== undefined;

  useEffect(() => {
    if (!isOpen || index !== undefined) return;
    fetch('./places.json')
      .then((response) => response.json())
      .then(setIndex)
      .catch(() => undefined);
  }, [isOpen, index]);

  const choose = (place: Place | undefined) => {
    if (place === undefined) return;
    setTyped(place.name);
    setIsOpen(false);
    onChoose(place);
  };

  return (
    <search className="search">
      <Icon name="search" size={22} />
      <input
        type="search"
        role="combobox"
        aria-label={words.map.searchLabel}
        aria-expanded={isShown}
        aria-controls={list}
        aria-autocomplete="list"
        aria-activedescendant={isShown && places.length > 0 ? `${list}-${active}` : undefined}
        placeholder={words.map.search}
        autoComplete="off"
        enterKeyHint="search"
        value={typed}
        onFocus={() => setIsOpen(true)}
        onBlur={() => setTimeout(() => setIsOpen(false), 150)}
        onChange={({ target }) => {
          setTyped(target.value);
          setIsOpen(true);
          setActive(0);
        }}
        onKeyDown={(event) => {
          if (event.key === 'Enter') choose(places[active]);
          else if (event.key === 'Escape') setIsOpen(false);
          else if (event.key === 'ArrowDown') setActive((active + 1) % Math.max(1, places.length));
          else if (event.key === 'ArrowUp')
            setActive((active + places.length - 1) % Math.max(1, places.length));
          else return;
          event.preventDefault();
        }}
      />
      {isShown && (
        <div className="choices" id={list} role="listbox" aria-label={words.map.searchLabel}>
          {places.map((place, row) => (
            <div
              key={place.name}
              id={`${list}-${row}`}
              role="option"
              tabIndex={-1}
              aria-selected={row === active}
              onMouseDown={(event) => event.preventDefault()}
              onClick={() => choose(place)}
              onKeyDown={() => undefined}
            >
              {place.name}
            </div>
          ))}
          {places.length === 0 && (
            <div role="option" tabIndex={-1} aria-selected="false" aria-disabled="true">
              {words.map.nothingFound}
            </div>
          )}
        </div>
      )}
    </search>
  );
}
