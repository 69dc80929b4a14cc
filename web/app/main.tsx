import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import '../design/tokens.css';
import '../design/base.css';
import '../design/frame.css';
import '../design/controls.css';
import '../design/surfaces.css';
import '../design/lists.css';
import '../design/figures.css';
import '../design/chart.css';
import '../design/forms.css';
import { App } from './App.tsx';
import { ServicesContext } from './AppServices.ts';
import { Fallback } from './Fallback.tsx';
import { openServices } from './openServices.ts';
import { readConfig } from './readConfig.ts';
import { reloadOnce } from './reloadOnce.ts';

// After an update the old page's parts are gone: the new page has its own.
addEventListener('vite:preloadError', () => {
  reloadOnce({ session: () => sessionStorage, reload: () => location.reload() });
});

const services = await openServices(await readConfig());

createRoot(document.getElementById('app') as HTMLElement).render(
  <StrictMode>
    <Fallback>
      <ServicesContext value={services}>
        <App />
      </ServicesContext>
    </Fallback>
  </StrictMode>,
);
