import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { Outlet, useLocation, useNavigate } from "react-router";
import { SIGNED_OUT } from "../lib/api";
import { become, meOptions, NOBODY } from "../lib/me";
import { isOpen } from "../lib/open";
import { SignInPage } from "../pages/SignInPage";
import { Failure, Skeletons } from "./States";

/** Shows a page to those who may see it, and the way in to those who have to sign in first: they stay where they are. */
export function Gate() {
  const { data: me, error, refetch } = useQuery(meOptions);
  const { pathname, search } = useLocation();
  const client = useQueryClient();
  const navigate = useNavigate();

  useEffect(() => {
    const signedOut = (event: Event) => {
      if (client.getQueryData(meOptions.queryKey)?.person) become(client, NOBODY);
      const isAct = event instanceof CustomEvent && event.detail !== "GET";
      if (isAct && isOpen(pathname)) void navigate(`/sign-in?${new URLSearchParams({ next: pathname + search })}`);
    };
    addEventListener(SIGNED_OUT, signedOut);
    return () => removeEventListener(SIGNED_OUT, signedOut);
  }, [client, navigate, pathname, search]);

  if (isOpen(pathname) || me?.person) return <Outlet key={me?.person?.id} />;
  if (error) return <Failure error={error} retry={() => void refetch()} />;
  return me ? <SignInPage /> : <Skeletons count={4} shape="line" />;
}
