import { DocArticle, docMetadata } from "../../../../components/docs/doc-article";

type Props = { readonly params: Promise<{ readonly page: string }> };

export const generateMetadata = async ({ params }: Props) =>
  docMetadata(`results/${(await params).page}`);

export default async function Page({ params }: Props) {
  return <DocArticle slug={`results/${(await params).page}`} />;
}
