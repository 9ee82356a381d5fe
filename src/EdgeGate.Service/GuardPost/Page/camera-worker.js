// Reads codes from pictures, beside the page, which stays quick meanwhile. Only here may anything be compiled: the camera module.

import { prepareZXingModule, readBarcodes } from '/guard/camera/reader/index.js';

const WANTED = { formats: ['QRCode', 'Code128', 'PDF417', 'DataMatrix', 'Aztec'], maxNumberOfSymbols: 1 };

prepareZXingModule({ overrides: { locateFile: () => '/guard/camera/reader/zxing_reader.wasm' } }); // else it would ask a server elsewhere

addEventListener('message', async ({ data: picture }) => {
  try {
    const [found] = await readBarcodes(picture, WANTED);
    postMessage({ code: found?.text ?? null });
  } catch (fault) {
    postMessage({ fault: String(fault) });
  }
});

postMessage({ ready: true });
