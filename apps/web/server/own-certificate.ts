import { X509Certificate } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { hostname, networkInterfaces } from "node:os";
import { join } from "node:path";
import { dayMs } from "@tandem/core/duration";
import { generate } from "selfsigned";

export type Certificate = { readonly cert: string; readonly key: string };

const validDays = 365;

/** IPv4 addresses under which others in the same network find this machine. */
export const lanAddresses = (): readonly string[] =>
  Object.values(networkInterfaces()).flatMap((addresses = []) =>
    addresses
      .filter(({ family, internal }) => family === "IPv4" && !internal)
      .map((a) => a.address),
  );

/** SHA-256 over the certificate, as browsers show it. */
export const fingerprintOf = ({ cert }: Certificate): string =>
  new X509Certificate(cert).fingerprint256;

/**
 * A certificate that this server has made itself, kept in the folder for as long as it is valid and
 * names every address, so that who has looked at its fingerprint once need not again.
 */
export async function ownCertificate(
  directory: string,
  addresses: readonly string[] = lanAddresses(),
): Promise<Certificate> {
  const [certPath, keyPath] = [join(directory, "cert.pem"), join(directory, "key.pem")];
  const kept = await Promise.all([readFile(certPath, "utf8"), readFile(keyPath, "utf8")]).catch(
    () => undefined,
  );
  if (kept && fits(kept[0], addresses)) return { cert: kept[0], key: kept[1] };
  const machine = hostname().split(".")[0];
  const names = ["localhost", machine, `${machine}.local`];
  const { cert, private: key } = await generate(
    [{ name: "commonName", value: `Tandem ${machine}` }],
    {
      keyType: "ec",
      algorithm: "sha256",
      notAfterDate: new Date(Date.now() + validDays * dayMs),
      extensions: [
        { name: "basicConstraints", cA: false, critical: true },
        { name: "keyUsage", digitalSignature: true, critical: true },
        { name: "extKeyUsage", serverAuth: true },
        {
          name: "subjectAltName",
          altNames: [
            ...names.map((value) => ({ type: 2 as const, value })),
            ...["127.0.0.1", ...addresses].map((ip) => ({ type: 7 as const, ip })),
          ],
        },
      ],
    },
  );
  await mkdir(directory, { recursive: true, mode: 0o700 });
  await writeFile(keyPath, key, { mode: 0o600 });
  await writeFile(certPath, cert);
  return { cert, key };
}

function fits(pem: string, addresses: readonly string[]): boolean {
  const certificate = new X509Certificate(pem);
  const isValid = Date.parse(certificate.validTo) > Date.now() + 7 * dayMs;
  return isValid && addresses.every((address) => certificate.checkIP(address) !== undefined);
}
