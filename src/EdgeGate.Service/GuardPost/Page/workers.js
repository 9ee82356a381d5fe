// The two scripts that run beside the page. Browsers that check addresses of scripts take them only through this policy, which knows no others.

const OWN = ['/guard/sw.js', '/guard/camera-worker.js'];

const policy = globalThis.trustedTypes?.createPolicy('guard-workers', {
  createScriptURL: address => {
    if (!OWN.includes(address))
      throw new TypeError(`not a worker of this page: ${address}`);
    return address;
  },
});

const own = address => policy ? policy.createScriptURL(address) : address;

export const newCameraWorker = () => new Worker(own(OWN[1]), { type: 'module' });

/** Keeps the page on the phone. Without it (no https, or a certificate that is not trusted) the page works as long as it is open. */
export async function keepPage() {
  try {
    await navigator.serviceWorker?.register(own(OWN[0]), { scope: '/guard' });
  } catch { /* not here */ }
}
