import { GeistPixelSquare } from "geist/font/pixel/square";
import { GeistSans } from "geist/font/sans";
import type { Metadata, Viewport } from "next";
import localFont from "next/font/local";
import { connection } from "next/server";
import type { ReactNode } from "react";
import { VisitorProvider } from "../components/account/visitor";
import { Providers } from "../components/ui/providers";
import { SiteHeader } from "../components/ui/site-header";
import { themeScript } from "../lib/theme-script";
import { currentVisit } from "../lib/visit";
import "./globals.css";
import { site } from "../text/shared";

/** As geist has it, but not fetched before it is seen: it is as large as the text's. */
const mono = localFont({
  src: "../../../node_modules/geist/dist/fonts/geist-mono/GeistMono-Variable.woff2",
  variable: "--font-geist-mono",
  adjustFontFallback: false,
  fallback: ["ui-monospace", "Menlo", "Monaco", "Consolas", "monospace"],
  weight: "100 900",
  preload: false,
});

export const metadata: Metadata = {
  title: { default: site.name, template: site.title },
  description: site.description,
};

export const viewport: Viewport = {
  themeColor: [
    { media: "(prefers-color-scheme: light)", color: "#f3f4f7" },
    { media: "(prefers-color-scheme: dark)", color: "#0b0d14" },
  ],
};

export default async function RootLayout({ children }: { readonly children: ReactNode }) {
  await connection(); // a page drawn ahead would lack the nonce, "not found" too
  const { nonce, visitor } = currentVisit();
  const fonts = `${GeistSans.variable} ${mono.variable} ${GeistPixelSquare.variable}`;
  return (
    <html lang="en" className={fonts} suppressHydrationWarning>
      <head>
        <script
          nonce={nonce}
          // The browser hides it from what compares.
          suppressHydrationWarning
          dangerouslySetInnerHTML={{ __html: themeScript }}
        />
      </head>
      <body className="min-h-dvh font-sans antialiased">
        <Providers>
          <VisitorProvider value={visitor}>
            <SiteHeader />
            <main
              id="content"
              tabIndex={-1}
              className="mx-auto max-w-7xl px-4 py-8 outline-none sm:px-6 sm:py-10"
            >
              {children}
            </main>
          </VisitorProvider>
        </Providers>
      </body>
    </html>
  );
}
